"""Checking a code: one locked transaction that compares, counts and consumes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from backoffice.common import request_context
from backoffice.common.ready_queries import ReadyInsert, ReadyQuery, ReadyUpdate
from clients.models import User
from twofa import (
    challenge_life,
    codes,
    locks,
    log_actions,
    notices,
    recovery_codes,
    temporary_codes,
    totp,
    trust_ends,
)
from twofa import two_factor_column as column
from twofa.judging import Judgement, judge
from twofa.models import (
    Authenticator,
    Challenge,
    CodeAttempt,
    RecoveryCodes,
    SmsConfirmation,
    TemporaryCode,
    VerificationState,
)
from twofa.models.trusted_browser import TrustEnd
from twofa.notices import NoticeKind
from twofa.policy_keys import METHODS
from twofa.results import Device, Lock, Refused, Verified
from twofa.vocabulary import SPARE_FACTORS, CodeOutcome, FactorKind, Malformed, Purpose

_insert = ReadyInsert(CodeAttempt)
_write_tries = ReadyUpdate(Challenge, {"attempts"})
_write_device: dict[type[Device], ReadyUpdate[Any]] = {
    model: ReadyUpdate(model)
    for model in (Authenticator, SmsConfirmation, RecoveryCodes, TemporaryCode)
}
# By the user, for whom there is an index.
_newest_of_factor = ReadyQuery(
    lambda user_id, factor_id: CodeAttempt.objects.filter(
        user=user_id, factor_id=factor_id
    ).order_by("-id")[:1],
    UUID(int=0),
    UUID(int=1),
)

# Of tries of one outcome that counts as no guess, for one user.
KEPT_A_MINUTE = 20
_SPARE_FOR = {
    FactorKind.RECOVERY: frozenset({Purpose.SIGN_IN, Purpose.STEP_UP}),
    FactorKind.TEMPORARY: frozenset({Purpose.SIGN_IN}),
}
_READ = {
    FactorKind.RECOVERY: recovery_codes.as_typed,
    FactorKind.TEMPORARY: temporary_codes.as_typed,
}


def verify(
    user: User,
    *,
    factor: FactorKind,
    purpose: Purpose,
    binding: str,
    code: str,
    accepted: Callable[[Verified], None] | None = None,
) -> Verified | Refused:
    """Check what was typed against the session's own challenge.

    Commits before it returns, whatever happens later: must not be called inside a transaction
    (RuntimeError). `accepted` runs in the same transaction, so that a code is used up only together
    with what it allowed.
    """
    if factor in _SPARE_FOR and purpose not in _SPARE_FOR[factor]:
        raise ValueError(f"a {factor} code is not for {purpose}")
    typed = _READ.get(factor, codes.normalise)(code)
    if isinstance(typed, Malformed):
        return Refused(CodeOutcome.MALFORMED, malformed=typed)

    def judged(at: datetime) -> Judgement:
        return judge(user, factor=factor, purpose=purpose, binding=binding, code=typed, at=at)

    return decide(user, factor=factor, purpose=purpose, judged=judged, accepted=accepted)


def decide(
    user: User,
    *,
    factor: FactorKind,
    purpose: Purpose,
    judged: Callable[[datetime], Judgement],
    accepted: Callable[[Verified], None] | None = None,
) -> Verified | Refused:
    """The frame of every try: under the lock it compares (`judged`), counts, consumes and logs."""
    with transaction.atomic(durable=True):
        trial = _Trial(user, factor=factor, purpose=purpose, at=timezone.now())
        result = trial.decide(judged)
        if isinstance(result, Verified) and accepted:
            accepted(result)
    return result


class _Trial:
    """One try: holds the user's row from the first moment to the commit."""

    def __init__(self, user: User, *, factor: FactorKind, purpose: Purpose, at: datetime) -> None:
        self.user, self.factor, self.purpose, self.at = user, factor, purpose, at
        self.state: VerificationState = locks.hold(user)

    def decide(self, judge: Callable[[datetime], Judgement]) -> Verified | Refused:
        judged = self._judged(judge)
        if judged.outcome == CodeOutcome.ACCEPTED and judged.device is not None:
            self._keep(judged)
            return self._accept(judged, judged.device)
        refused = self._refuse(judged)  # looks at earlier tries, hence before this one is kept
        self._keep(judged)
        return refused

    def _judged(self, judge: Callable[[datetime], Judgement]) -> Judgement:
        # While locked nothing is compared: the answer is the same for the right code.
        if self._lock():
            return Judgement(CodeOutcome.LOCKED)
        if self.factor not in SPARE_FACTORS and self.factor not in METHODS():
            return Judgement(CodeOutcome.METHOD_OFF)
        return judge(self.at)

    def _lock(self) -> Lock | None:
        if self.factor == FactorKind.RECOVERY:
            return locks.recovery_lock_of(self.state, at=self.at)
        return locks.lock_of(self.state, at=self.at)

    def _accept(self, judged: Judgement, device: Device) -> Verified:
        if isinstance(device, Authenticator) and judged.match:
            _note_step(device, judged.match, drift=judged.drift)
        elif isinstance(device, TemporaryCode):
            device.used_at = self.at
            notices.tell(self.user, NoticeKind.TEMPORARY_CODE_USED)
        device.last_used_at = self.at
        _write_device[type(device)](device)
        left = (
            recovery_codes.use(judged.recovery_code, at=self.at) if judged.recovery_code else None
        )
        if judged.challenge:
            challenge_life.consume(judged.challenge, at=self.at)
        locks.succeed(self.state, self.factor, at=self.at)
        self._log(log_actions.CODE_ACCEPTED, Outcome.DONE, judged)
        if left is not None:
            notices.tell(self.user, NoticeKind.RECOVERY_CODE_USED, {"left": left})
        device.user = self.user
        return Verified(self.user, self.factor, self.purpose, device, judged.challenge, left)

    def _refuse(self, judged: Judgement) -> Refused:
        caused = self._count() if judged.outcome == CodeOutcome.INCORRECT else None
        if caused:
            self._tell_of_lock(caused, judged)
        if judged.outcome != CodeOutcome.REUSED:  # a button pressed twice is no trouble
            column.note_trouble(self.user, at=self.at)
        if not self._is_flood(judged.outcome):
            self._log(log_actions.CODE_REFUSED, Outcome.FAILED, judged)
        challenge = judged.challenge
        refused = Refused(
            judged.outcome,
            challenge_dead=challenge is not None
            and not challenge_life.is_live(challenge, at=self.at),
            clock_offset=self._steady_offset(judged),
        )
        return self._with_lock(refused)

    def _with_lock(self, refused: Refused) -> Refused:
        lock = self._lock()
        if lock:
            return replace(refused, locked_until=lock.until, hard_locked=lock.is_hard)
        if refused.outcome != CodeOutcome.INCORRECT:
            return refused
        recovering = self.factor == FactorKind.RECOVERY
        left = locks.recovery_tries_left if recovering else locks.tries_left
        return replace(refused, tries_left=left(self.state))

    def _count(self) -> Lock | None:
        if self.factor == FactorKind.RECOVERY:
            return locks.count_recovery_failure(self.state, at=self.at)
        return locks.count_failure(self.state, at=self.at)

    def _tell_of_lock(self, lock: Lock, judged: Judgement) -> None:
        """Whoever typed these codes knew the password: the client must hear of it."""
        self._log(log_actions.LOCKED, Outcome.DONE, judged, hard=lock.is_hard)
        if lock.is_hard:
            trust_ends.end_all(self.user, TrustEnd.HARD_LOCKED)
        kind = NoticeKind.HARD_LOCKED if lock.is_hard else NoticeKind.WRONG_CODES
        notices.tell_at_most_hourly(self.user, kind, {"failures": lock.failures})

    def _steady_offset(self, judged: Judgement) -> timedelta | None:
        """The clock's error, once two different codes in a row matched at the same offset."""
        match = judged.match
        if judged.outcome != CodeOutcome.INCORRECT or judged.device is None:
            return None
        if match and judged.before is not None:
            return match.offset * totp.STEP  # two that follow each other were typed at once
        # Asked whether the code fits or not: the time must tell nothing.
        before = next(iter(_newest_of_factor(self.user.pk, judged.device.pk)), None)
        if match is None or before is None or before.offset_steps is None:
            return None
        if before.matched_step == match.step:
            return None
        if before.outcome != CodeOutcome.INCORRECT or abs(before.offset_steps - match.offset) > 1:
            return None
        return match.offset * totp.STEP

    def _keep(self, judged: Judgement) -> None:
        """Evidence for the diagnosis; the burnt steps are read from it as well."""
        if self._is_flood(judged.outcome):
            return
        if judged.challenge:
            judged.challenge.attempts += 1
            _write_tries(judged.challenge)
        for match in [judged.before, judged.match] if judged.before else [judged.match]:
            self._keep_one(judged, match)

    def _keep_one(self, judged: Judgement, match: totp.Match | None) -> None:
        context = request_context.current()
        attempt = CodeAttempt(
            user=self.user,
            challenge=judged.challenge,
            factor=self.factor,
            purpose=self.purpose,
            at=self.at,
            outcome=judged.outcome,
            factor_id=judged.device.pk if judged.device else None,
            matched_step=match.step if match else None,
            offset_steps=match.offset if match else None,
            other_factor=judged.other_factor or "",
            address=context.address or None,
            browser=context.browser,
        )
        _insert(attempt)

    def _is_flood(self, outcome: CodeOutcome) -> bool:
        """Tries that count as no guess have no end by themselves: keep no more than tells enough.

        Else whoever knows a password could fill the log, which nobody may shorten.
        """
        if outcome in {CodeOutcome.ACCEPTED, CodeOutcome.INCORRECT}:
            return False
        recent = CodeAttempt.objects.filter(
            user=self.user, outcome=outcome, at__gt=self.at - timedelta(minutes=1)
        )
        return recent.count() >= KEPT_A_MINUTE

    def _log(
        self, action: log.Action, outcome: Outcome, judged: Judgement, **facts: object
    ) -> None:
        challenge = judged.challenge
        log.record(
            action,
            actor=log_actions.actor(self.user),
            subject=log_actions.subject(self.user),
            outcome=outcome,
            facts={
                "factor": str(self.factor),
                "purpose": str(self.purpose),
                "outcome": str(judged.outcome),
                "failures": self.state.failures,
                "reference": challenge.public_reference if challenge else "",
                **facts,
            },
        )


def _note_step(device: Authenticator, match: totp.Match, *, drift: int | None) -> None:
    if match.offset in totp.window():
        device.last_used_step = max(device.last_used_step, match.step)
    if drift is not None:
        device.drift_steps = drift
