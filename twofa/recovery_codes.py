"""Recovery codes: ten, shown once, kept as keyed hashes, each used once."""

import hashlib
import hmac
import secrets
from datetime import datetime

from django.utils import timezone

from backoffice.audit import log
from clients.models import User
from twofa import log_actions
from twofa.codes import LONGEST_TYPED, without_separators
from twofa.models import RecoveryCode, RecoveryCodes
from twofa.references import ALPHABET, random_word
from twofa.vocabulary import Malformed

CODES = 10
SYMBOLS = 16  # 80 bits


def left(user: User) -> int:
    """How many codes are unused."""
    return RecoveryCode.objects.filter(device__user=user, used_at=None).count()


def make_anew(user: User) -> tuple[str, ...]:
    """New codes in place of the old, in a transaction that holds the user's row. Logged."""
    # The row stays: a session that was verified by a recovery code goes on.
    device = RecoveryCodes.objects.filter(user=user).first() or RecoveryCodes(user=user)
    device.confirmed, device.confirmed_at = True, timezone.now()
    device.key = secrets.token_urlsafe(32)
    device.save()
    device.codes.all().delete()
    fresh = tuple(random_word(SYMBOLS) for _ in range(CODES))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(device=device, digest=digest(code.replace("-", ""), device)) for code in fresh
    )
    log.record(
        log_actions.RECOVERY_CODES_MADE,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        facts={"codes": CODES},
    )
    return fresh


def as_typed(text: str) -> str | Malformed:
    """A code without spaces, dashes and case, or why it cannot be one."""
    if len(text) > LONGEST_TYPED:
        return Malformed.TOO_MANY
    typed = without_separators(text).upper()
    if not typed:
        return Malformed.EMPTY
    if not set(typed) <= set(ALPHABET):
        return Malformed.NOT_DIGITS
    if len(typed) != SYMBOLS:
        return Malformed.TOO_FEW if len(typed) < SYMBOLS else Malformed.TOO_MANY
    return typed


def digest(code: str, device: RecoveryCodes) -> str:
    """Of a code without dashes, keyed with the set's own key."""
    return hmac.new(device.key.encode(), code.encode(), hashlib.sha256).hexdigest()


def use(code: RecoveryCode, *, at: datetime) -> int:
    """Use it up; how many are left."""
    code.used_at = at
    code.save(update_fields=["used_at"])
    return RecoveryCode.objects.filter(device=code.device_id, used_at=None).count()
