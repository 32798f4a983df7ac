"""The rows of a list of messages: what became of each, and whose it is; few queries for all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin import messages_words as words
from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.display import Words
from backoffice.admin.log_names import Named
from clients.models import Client, User
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.trial_sends import PURPOSE as TEST
from twofa.models import Challenge

MESSAGE = "admin:smsproviders_smsmessage_change"
DIAGNOSE = "twofa.diagnose_client"
WHY_NO_CODES = "#why-no-codes"


@dataclass(frozen=True)
class MessageRow:
    """One message as lists and its page show it. `owner` None: nobody of ours that is known."""

    message: SmsMessage
    attempts: Sequence[SmsAttempt]  # in their order
    challenge: Challenge | None
    owner: Named | None

    @property
    def address(self) -> str:
        return reverse(MESSAGE, args=[self.message.pk])

    @property
    def last(self) -> SmsAttempt | None:
        return self.attempts[-1] if self.attempts else None

    @property
    def state(self) -> SafeString:
        return words.state_chip(self.message)

    @property
    def is_without_receipt(self) -> bool:
        return words.is_without_receipt(self.message)

    @property
    def is_test(self) -> bool:
        return self.message.purpose == TEST

    @property
    def purpose(self) -> Words:
        return words.purpose_words(self.message.purpose)

    @property
    def cause(self) -> Words:
        return words.cause_words(self.message.cause)

    @cached_property
    def error(self) -> str:
        """What the provider said of the last call that failed; its code, when it said no more."""
        failed = [one for one in self.attempts if one.error_code]
        if not self.message.cause or not failed:
            return ""
        last = failed[-1]
        said = words.error_words(last, last.error_code)
        named = f"{last.provider_caption} {last.error_code}"
        return f"{said} ({named})" if said else named

    @property
    def size(self) -> str:
        return words.size_words(self.attempts)

    @property
    def price(self) -> str:
        return words.price_words(self.attempts)


def rows_of(messages: Iterable[SmsMessage], *, reader: User) -> list[MessageRow]:
    """Two queries for calls with their providers, one for clients; fewer where there are none."""
    shown = list(messages)
    calls = SmsAttempt.objects.select_related("provider").order_by("number")
    prefetch_related_objects(shown, Prefetch("attempts", calls))
    challenges = challenges_of(shown)
    return [_row(one, challenges.get(one.reference), reader) for one in shown]


def challenges_of(messages: Iterable[SmsMessage]) -> dict[str, Challenge]:
    """By the reference of the message, with the client. Sending knows no clients."""
    keys = {key for one in messages if (key := _key(one.reference))}
    if not keys:
        return {}
    rows: QuerySet[Challenge] = Challenge.objects.filter(pk__in=keys)
    return {str(row.pk): row for row in rows.select_related("user__client").defer("code")}


def _row(message: SmsMessage, challenge: Challenge | None, reader: User) -> MessageRow:
    return MessageRow(
        message=message,
        attempts=list(message.attempts.all()),
        challenge=challenge,
        owner=owner_of(challenge, reader) if challenge else None,
    )


def client_of(challenge: Challenge) -> Client | None:
    found: Client | None = getattr(challenge.user, "client", None)
    return found


def owner_of(challenge: Challenge, reader: User) -> Named:
    """Whose code it is, as far as this operator may know."""
    user, client = challenge.user, client_of(challenge)
    if user.is_staff or client is None:
        may = reader.has_perm("clients.view_user")
        address = reverse("admin:clients_user_change", args=[user.pk]) if may else ""
        return Named(user.email if may else _("An operator"), address)
    if not reader.has_perm("clients.view_client"):
        return Named(_("Client %s") % f"#{client.pk}")
    return Named(client.name or user.email, address_of(client))


def diagnosis_address(challenge: Challenge | None, reader: User) -> str:
    """*Why no codes?* of that client; "" for who may not see it."""
    client = client_of(challenge) if challenge else None
    if client is None or not reader.has_perms(("clients.view_client", DIAGNOSE)):
        return ""
    return address_of(client, SETTINGS) + WHY_NO_CODES


def _key(reference: Any) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None  # of something else, or of nothing
