"""What every change of a factor does besides: rows, open challenges, column, log, words to people.

For callers that hold the user's row in a transaction.
"""

from dataclasses import dataclass

from django.utils import timezone

from backoffice.audit import log
from clients.models import Client, User
from twofa import (
    challenge_life,
    log_actions,
    notices,
    old_numbers,
    texts,
    trust_ends,
    two_factor_column,
)
from twofa.factor_facts import enabled
from twofa.models import Authenticator, RecoveryCodes, Reset, SmsConfirmation
from twofa.models.reset import ResetScope
from twofa.models.trusted_browser import TrustEnd
from twofa.notices import NoticeKind
from twofa.results import Device
from twofa.vocabulary import MAIN_FACTORS, FactorKind

_MODELS = {FactorKind.AUTHENTICATOR: Authenticator, FactorKind.SMS: SmsConfirmation}
_SCOPES = {
    FactorKind.AUTHENTICATOR: (ResetScope.AUTHENTICATOR, ResetScope.ALL),
    FactorKind.SMS: (ResetScope.SMS, ResetScope.ALL),
}


@dataclass(frozen=True, slots=True)
class Removed:
    """What was in force and is not any more."""

    kinds: tuple[FactorKind, ...]
    number: str = ""  # that got codes, in E.164


def remove(user: User, kinds: tuple[FactorKind, ...]) -> Removed:
    """Take these factors away, begun ones too, and with the last one the recovery codes."""
    number = _confirmed_number(user) if FactorKind.SMS in kinds else ""
    gone = tuple(kind for kind in MAIN_FACTORS if kind in kinds and kind in enabled(user))
    for kind in kinds:
        _MODELS[kind].objects.filter(user=user).delete()
        challenge_life.supersede_all(user, kind)
    trust_ends.end_all(user, TrustEnd.FACTOR_CHANGED)
    if not enabled(user):
        RecoveryCodes.objects.filter(user=user).delete()
    two_factor_column.refresh(user)
    return Removed(gone, number)


def tell_removed(user: User, removed: Removed) -> None:
    """Log and tell what the user himself took away."""
    for kind in removed.kinds:
        log.record(
            log_actions.FACTOR_DISABLED,
            actor=log_actions.actor(user),
            subject=log_actions.subject(user),
            facts={"factor": str(kind)},
        )
    notices.tell(user, NoticeKind.FACTOR_DISABLED, factors=removed.kinds)
    tell_number(user, removed.number)


def put_in_force(user: User, device: Device) -> bool:
    """Confirm a begun factor in the old one's place; whether there was an old one. Logged, told."""
    old_number = _confirmed_number(user) if device.kind == FactorKind.SMS else ""
    deleted, _ = type(device).objects.filter(user=user, confirmed=True).delete()
    device.confirmed, device.confirmed_at = True, timezone.now()
    device.save()
    challenge_life.supersede_all(user, device.kind)
    trust_ends.end_all(user, TrustEnd.FACTOR_CHANGED)
    two_factor_column.refresh(user)
    Reset.objects.filter(user=user, scope__in=_SCOPES[device.kind], enrolled_again_at=None).update(
        enrolled_again_at=device.confirmed_at
    )
    log.record(
        log_actions.FACTOR_ENABLED,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        facts={"factor": str(device.kind), "replaced": bool(deleted)},
    )
    kind = NoticeKind.FACTOR_REPLACED if deleted else NoticeKind.FACTOR_ENABLED
    notices.tell(user, kind, factors=(device.kind,))
    if isinstance(device, SmsConfirmation):
        _note_phone(user, str(device.number))
        if old_number != str(device.number):
            tell_number(user, old_number)
    return bool(deleted)


def tell_number(user: User, number: str) -> None:
    """An SMS to a number that gets no codes any more: whoever holds it may be the one robbed."""
    old_numbers.tell(number, texts.sms_removed_body(language=texts.language_of(user)))


def _note_phone(user: User, number: str) -> None:
    """The profile's phone is confirmed too, if it is this one; an empty one is filled in."""
    client = Client.objects.filter(user=user, phone__in=["", number])
    client.update(phone=number, phone_confirmed_at=timezone.now())


def _confirmed_number(user: User) -> str:
    device = SmsConfirmation.objects.filter(user=user, confirmed=True).first()
    return str(device.number) if device else ""
