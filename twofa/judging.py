"""Judging a code against one factor: pure comparison and evidence; counting is done elsewhere.

Each function runs in the locked transaction of `verification.verify`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from backoffice.common.encryption import DecryptionFailed
from clients.models import User
from twofa import challenge_life, code_rows, codes, recovery_codes, temporary_codes, totp
from twofa.models import (
    Authenticator,
    Challenge,
    RecoveryCode,
    RecoveryCodes,
    SmsConfirmation,
)
from twofa.results import Device
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose

# How far back an older code is still told apart from a wrong one.
OLDER_THAN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Judgement:
    outcome: CodeOutcome
    device: Device | None = None
    challenge: Challenge | None = None
    match: totp.Match | None = None  # an authenticator's, accepted or only explained
    # Of two codes typed together: the first one's.
    before: totp.Match | None = None
    # The app's clock in steps, where an accepted code tells it anew.
    drift: int | None = None
    recovery_code: RecoveryCode | None = None
    # Wrong for this factor, and right for that one: evidence for operators, told to nobody else.
    other_factor: FactorKind | None = None


def judge(
    user: User, *, factor: FactorKind, purpose: Purpose, binding: str, code: str, at: datetime
) -> Judgement:
    """What to make of a well-formed code. Changes nothing."""
    if factor == FactorKind.RECOVERY:
        return _judge_recovery(user, code)
    if factor == FactorKind.TEMPORARY:
        return _judge_temporary(user, code, at)
    challenge = code_rows.newest_asked(user, factor=factor, purpose=purpose, binding=binding)
    confirmed = purpose != Purpose.ENROL
    try:
        if factor == FactorKind.AUTHENTICATOR:
            totp_device = code_rows.authenticator_of(user.pk, confirmed=confirmed)
            return _judge_authenticator(totp_device, challenge, purpose, code, at)
        sms_device = code_rows.number_of(user.pk, confirmed=confirmed)
        return _judge_sms(sms_device, challenge, code, at)
    except DecryptionFailed:
        # Logged where it was refused. Ours to repair: nobody's guess is counted for it.
        return Judgement(CodeOutcome.UNCHECKED, challenge=challenge)


def _judge_sms(
    device: SmsConfirmation | None, challenge: Challenge | None, code: str, at: datetime
) -> Judgement:
    if device is None or challenge is None or challenge.factor_id != device.pk:
        return Judgement(CodeOutcome.NO_CHALLENGE, device)
    live = challenge_life.is_live(challenge, at=at)
    right = live and bool(challenge.code) and codes.equal(challenge.code, code)
    outcome = CodeOutcome.ACCEPTED if right else _dead_or_wrong(challenge, code, live=live)
    other = outcome == CodeOutcome.INCORRECT and _is_of_the_app(device.user_id, code, at)
    other_factor = FactorKind.AUTHENTICATOR if other else None
    return Judgement(outcome, device, challenge, other_factor=other_factor)


def _is_of_the_app(user_id: UUID, code: str, at: datetime) -> bool:
    """A seed that cannot be read must not make the wrong code of an SMS go uncounted."""
    device = code_rows.authenticator_of(user_id)
    try:
        return device is not None and bool(totp.matches(device.seed, code, at=at))
    except DecryptionFailed:
        return False


def _dead_or_wrong(challenge: Challenge, code: str, *, live: bool) -> CodeOutcome:
    """Tell a right code that is dead from a wrong one; it is refused either way.

    Only dead codes are recognised: of one that lives in another session this says nothing.
    """
    older = code_rows.sent_before(challenge, since=challenge.created_at - OLDER_THAN)
    for dead in [*([] if live else [challenge]), *older]:
        if codes.equal(codes.digest(code, challenge_id=dead.pk), dead.code_digest):
            return _end_of(dead)
    return CodeOutcome.INCORRECT


def _end_of(dead: Challenge) -> CodeOutcome:
    if dead.consumed_at is not None:
        return CodeOutcome.REUSED
    if dead.superseded_at is not None:
        return CodeOutcome.SUPERSEDED
    return CodeOutcome.EXPIRED


def _judge_authenticator(
    device: Authenticator | None,
    challenge: Challenge | None,
    purpose: Purpose,
    code: str,
    at: datetime,
) -> Judgement:
    if device is None:
        return Judgement(CodeOutcome.NO_CHALLENGE)
    live = challenge is not None and challenge_life.is_live(challenge, at=at)
    own = challenge is not None and challenge.factor_id == device.pk
    if purpose == Purpose.ENROL and not (live and own):
        # An enrolment belongs to the session that began it, and is over after a while.
        outcome = CodeOutcome.EXPIRED if own else CodeOutcome.NO_CHALLENGE
        return Judgement(outcome, device, challenge if own else None)
    seed = device.seed
    found = totp.matches(seed, code, at=at, drift=device.drift_steps)
    used = used_steps(device, found, at=at)
    fresh = next((match for match in found if match.step not in used), None)
    standing = challenge if live else None
    if fresh:
        drift = _drift_told_by(fresh, device)
        return Judgement(CodeOutcome.ACCEPTED, device, standing, fresh, drift=drift)
    if found:
        return Judgement(CodeOutcome.REUSED, device, standing, found[0])
    explained = totp.explain(seed, code, at=at)
    # Looked for in any case, so that the time does not tell whether it was explained.
    by_sms = _is_of_a_message(device.user_id, code, at) and explained is None
    return Judgement(
        CodeOutcome.INCORRECT,
        device,
        standing,
        explained,
        other_factor=FactorKind.SMS if by_sms else None,
    )


def _is_of_a_message(user_id: UUID, code: str, at: datetime) -> bool:
    sent = code_rows.sent_since(user_id, at - OLDER_THAN)
    return any(
        codes.equal(codes.digest(code, challenge_id=one.pk), one.code_digest) for one in sent
    )


def used_steps(device: Authenticator, found: Iterable[totp.Match], *, at: datetime) -> set[int]:
    """Those that were accepted, or burnt by explaining a refusal, or lie before an accepted one.

    A set, never a raised "last used" step: that would lock a client out whose clock runs ahead,
    until real time has caught up. So the last used step is of our own time only; what the app's
    window took comes before what is older in that window, and says nothing of our time.
    """
    around, now = totp.window(device.drift_steps), totp.step_at(at)
    steps = {match.step for match in found}
    near = steps.union(now + offset for offset in around)
    tried = set(code_rows.tried_steps(device.pk, between=(min(near), max(near))))
    taken = [step - now for step, outcome in tried if outcome == CodeOutcome.ACCEPTED and step]
    newest = max((offset for offset in taken if offset in around), default=around.start - 1)
    past = {match.step for match in found if match.offset in around and match.offset <= newest}
    own = {match.step for match in found if match.offset in totp.window()}
    past |= {step for step in own if step <= device.last_used_step}
    return past | (steps & {step for step, _outcome in tried})


def _drift_told_by(match: totp.Match, device: Authenticator) -> int | None:
    """A code of our own time says that the clock was set right; nothing else moves it (S14)."""
    is_of_our_time = match.offset in totp.window()
    return 0 if is_of_our_time and match.offset not in totp.window(device.drift_steps) else None


def _judge_recovery(user: User, code: str) -> Judgement:
    device = RecoveryCodes.objects.filter(user=user, confirmed=True).first()
    if device is None:
        return Judgement(CodeOutcome.INCORRECT)
    try:
        row = device.codes.filter(digest=recovery_codes.digest(code, device)).first()
    except DecryptionFailed:
        return Judgement(CodeOutcome.UNCHECKED, device)
    if row is None:
        return Judgement(CodeOutcome.INCORRECT, device)
    if row.used_at is not None:
        return Judgement(CodeOutcome.REUSED, device)
    return Judgement(CodeOutcome.ACCEPTED, device, recovery_code=row)


def _judge_temporary(user: User, code: str, at: datetime) -> Judgement:
    row = temporary_codes.live(user, at=at)
    if row is not None and temporary_codes.is_code_of(row, code):
        return Judgement(CodeOutcome.ACCEPTED, row)
    return Judgement(CodeOutcome.INCORRECT, row)
