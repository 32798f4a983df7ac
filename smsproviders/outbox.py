"""The outbox: what the layers above ask of sending.

They know a message by a `reference` of their own, which is opaque here. Every function runs in the
caller's transaction; what reaches the broker, a provider or a receiver does so after its commit.
"""

from datetime import datetime

import phonenumbers
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common.ready_queries import ReadyQuery
from smsproviders import publishing
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.sending import moving
from smsproviders.vocabulary import MessageState

CONFIRM_WITHIN_SECONDS = 3600
NO_COUNTRY = ("001", "ZZ")  # as phonenumbers names them

_latest = ReadyQuery(
    lambda reference: SmsMessage.objects.filter(reference=reference).order_by("-id")[:1],
    "reference",
)


def queue(
    *,
    number: str,
    body: str,
    purpose: str,
    expires_at: datetime,
    reference: str = "",
    country: str = "",
    only_provider: SmsProvider | None = None,
    resent_from: SmsMessage | None = None,
) -> SmsMessage:
    """Write the message down; a worker sends it after the commit.

    `number` is in E.164. `country` is that of the number unless given. Nothing is sent once
    `expires_at` has passed. With `only_provider` (a test SMS) the route is that provider alone,
    enabled or not. The broker being down never raises: the sweeper then finds the row.
    """
    message = SmsMessage.objects.create(
        number=number,
        body=body,
        purpose=purpose,
        expires_at=expires_at,
        reference=reference,
        country=country or country_of(number),
        only_provider=only_provider,
        resent_from=resent_from,
        published_at=timezone.now(),
    )
    publishing.publish_on_commit(message)
    return message


def latest(reference: str) -> SmsMessage | None:
    """The newest message of that reference."""
    return next(iter(_latest(reference)), None)


def withdraw(reference: str) -> None:
    """The code is dead (used, superseded): send what is unsent no more, and blank the texts.

    What a provider took already stays where it is; its reports are still applied.
    """
    with transaction.atomic():
        # By the reference alone: asked for unfinished ones, PostgreSQL may read all of those.
        rows = SmsMessage.objects.filter(reference=reference)
        for message in rows.select_for_update(of=("self",)).order_by("pk"):
            if message.finished_at is None:
                moving.close(message)


def never_left() -> QuerySet[SmsMessage]:
    """Messages that no provider took and none will: refused, expired in our queue, withdrawn."""
    over = (MessageState.FAILED, MessageState.EXPIRED)
    return SmsMessage.objects.filter(state__in=over, accepted_at=None)


def mark_converted(reference: str) -> None:
    """The code was typed: note it at the message that most likely carried it.

    Its provider is told later, by a task, where its API takes that; best effort.
    """
    taken = SmsMessage.objects.filter(
        reference=reference, accepted_at__isnull=False, converted_at=None
    )
    carrier = taken.order_by("delivered_at", "-id").first()
    if carrier is not None:
        SmsMessage.objects.filter(pk=carrier.pk).update(converted_at=timezone.now())
        transaction.on_commit(
            lambda: publishing.put("confirm", carrier.pk, expires=CONFIRM_WITHIN_SECONDS),
            robust=True,
        )


def country_of(number: str) -> str:
    """The country code of a number in E.164, or "" for one of no country (a satellite phone).

    A number that is in no numbering plan counts as one of the main country of its prefix.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(parsed)
    region = region or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return "" if region in NO_COUNTRY else str(region)
