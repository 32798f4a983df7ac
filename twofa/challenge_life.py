"""The life of a challenge: asked for, live, then used or superseded."""

import time
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from backoffice.common import purging
from clients.models import User
from smsproviders import outbox
from twofa.models import Challenge
from twofa.references import random_word
from twofa.vocabulary import FactorKind, Purpose

REFERENCE_SYMBOLS = 8
# A code with less of its life left than a tenth is not sent again: a new one is.
WORTH_SENDING = 10


def asked(user: User, *, factor: FactorKind, purpose: Purpose, binding: str) -> QuerySet[Challenge]:
    """Those of one session, the newest first."""
    return Challenge.objects.filter(
        user=user, factor=factor, purpose=purpose, binding=binding
    ).order_by("-id")


def is_live(challenge: Challenge, *, at: datetime) -> bool:
    """Whether a code may still be typed: neither used, nor superseded, nor too old."""
    return (
        challenge.consumed_at is None
        and challenge.superseded_at is None
        and at < challenge.expires_at
    )


def is_worth_sending(challenge: Challenge, *, at: datetime) -> bool:
    """Whether the same code may be sent once more."""
    life = challenge.expires_at - challenge.created_at
    return is_live(challenge, at=at) and challenge.expires_at - at >= life / WORTH_SENDING


def supersede(challenges: QuerySet[Challenge], *, at: datetime) -> None:
    """Void challenges that were not used: their codes are gone, what is unsent is not sent."""
    for challenge in challenges.filter(consumed_at=None, superseded_at=None):
        outbox.withdraw(str(challenge.pk))
        Challenge.objects.filter(pk=challenge.pk).update(superseded_at=at, code="")


def supersede_all(user: User, factor: FactorKind) -> None:
    """The factor changed: nothing that was asked of it before may still be typed."""
    rows = Challenge.objects.filter(user=user, factor=factor)
    supersede(rows, at=timezone.now())


def consume(challenge: Challenge, *, at: datetime) -> None:
    """The code was typed, and is used up: what is unsent stays so, and the route is told."""
    outbox.mark_converted(str(challenge.pk))
    outbox.withdraw(str(challenge.pk))
    challenge.consumed_at, challenge.code = at, ""
    challenge.save(update_fields=["consumed_at", "code"])


def blank_dead_codes() -> int:
    """Remove the ciphertext of codes whose life is over; how many there were.

    In steps, so that the codes of a day on which no worker ran are no single, endless statement.
    """
    dead = Challenge.objects.filter(expires_at__lte=timezone.now()).exclude(code="")

    def blank(keys: Sequence[UUID]) -> None:
        Challenge.objects.filter(pk__in=keys).update(code="")

    return purging.in_batches(dead, blank, until=time.monotonic() + purging.SECONDS)


def new_reference() -> str:
    """What a client reads out to support, not in use yet."""
    offered = iter(lambda: random_word(REFERENCE_SYMBOLS), "")
    return next(
        word for word in offered if not Challenge.objects.filter(public_reference=word).exists()
    )
