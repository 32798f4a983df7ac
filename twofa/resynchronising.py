"""Learning the clock of a client's authenticator, once, when an operator allowed it.

The client types two codes in a row on the own page: nobody is read a code. Afterwards codes are
taken around the app's time as well as around ours, three steps each, until a code of our own time
says that the clock was set right.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.audit import log
from backoffice.common.encryption import DecryptionFailed
from backoffice.common.ready_queries import ReadyQuery
from clients.models import User
from twofa import caller_checks, challenge_life, codes, first_line, log_actions, notices, totp
from twofa.judging import Judgement, used_steps
from twofa.models import Authenticator, Resynchronisation
from twofa.notices import NoticeKind
from twofa.operator_acts import NotDone, forbidden, hold_both, record, unfounded
from twofa.results import Refused, Verified
from twofa.verification import decide
from twofa.vocabulary import CodeOutcome, FactorKind, Malformed, OperatorAct, Purpose

ALLOW = "twofa.resynchronise_client"
ALLOWED_FOR = timedelta(minutes=15)
KIND = FactorKind.AUTHENTICATOR
_SECONDS = int(totp.STEP.total_seconds())
# Asked by every page for a code of an app.
_newest_allowed = ReadyQuery(
    lambda user_id, at: Resynchronisation.objects.filter(
        user=user_id, used_at=None, expires_at__gt=at
    ).order_by("-id")[:1],
    UUID(int=0),
    datetime.min.replace(tzinfo=UTC),
)


def may_allow(operator: User, user: User) -> bool:
    return forbidden(operator, user, ALLOW) is None


def allow(
    user: User, *, operator: User, reason: str, ticket: str = ""
) -> Resynchronisation | NotDone:
    """Let the client do it for a quarter of an hour; again: from now on."""
    at = timezone.now()
    with transaction.atomic():
        hold_both(user, operator)
        refused = forbidden(operator, user, ALLOW) or unfounded(reason)
        refused = refused or caller_checks.obstacle(operator, user, OperatorAct.RESYNCHRONISE)
        refused = refused or first_line.obstacle(operator, user, OperatorAct.RESYNCHRONISE)
        device = _device(user)
        if refused is None and device is None:
            return NotDone.NOTHING_TO_DO
        action, facts = log_actions.RESYNCHRONISATION_ALLOWED, {"ticket": ticket}
        record(action, operator, user, refused, reason=reason, facts=facts)
        if refused or device is None:
            return refused or NotDone.NOTHING_TO_DO
        Resynchronisation.objects.filter(user=user, used_at=None, expires_at__gt=at).update(
            expires_at=at
        )
        return Resynchronisation.objects.create(
            user=user,
            operator=operator,
            factor_id=device.pk,
            reason=reason,
            ticket=ticket,
            at=at,
            expires_at=at + ALLOWED_FOR,
        )


def allowed(user: User, *, at: datetime) -> Resynchronisation | None:
    """What the client may use now, for the authenticator in force."""
    found = next(iter(_newest_allowed(user.pk, at)), None)
    device = _device(user) if found else None
    return found if found and device and device.pk == found.factor_id else None


def resynchronise(
    user: User,
    *,
    purpose: Purpose,
    binding: str,
    first: str,
    second: str,
    also: Callable[[Verified], None] | None = None,
) -> Verified | Refused:
    """Check two codes in a row. When both fit, at one offset, the clock is learnt.

    Both are used up then. Wrong ones count as one try. `also` runs in the same transaction.
    NO_CHALLENGE when it is not allowed, or not any more.
    """
    typed = [codes.normalise(first), codes.normalise(second)]
    wrong = next((one for one in typed if isinstance(one, Malformed)), None)
    if wrong is not None:
        return Refused(CodeOutcome.MALFORMED, malformed=wrong)

    def judged(at: datetime) -> Judgement:
        return _judge(user, purpose, binding, str(typed[0]), str(typed[1]), at)

    def accepted(verified: Verified) -> None:
        _finish(user, verified)
        if also:
            also(verified)

    return decide(user, factor=KIND, purpose=purpose, judged=judged, accepted=accepted)


def _judge(
    user: User, purpose: Purpose, binding: str, first: str, second: str, at: datetime
) -> Judgement:
    device = _device(user)
    if device is None or allowed(user, at=at) is None:
        return Judgement(CodeOutcome.NO_CHALLENGE, device)
    asked = challenge_life.asked(user, factor=KIND, purpose=purpose, binding=binding).first()
    challenge = asked if asked and challenge_life.is_live(asked, at=at) else None
    try:
        compared = _compare(device, first, second, at)
    except DecryptionFailed:
        compared = Judgement(CodeOutcome.UNCHECKED)
    return replace(compared, device=device, challenge=challenge)


def _compare(device: Authenticator, first: str, second: str, at: datetime) -> Judgement:
    seed = device.seed
    pair = totp.align(seed, first, second, at=at)
    if pair is None:
        return _explained(seed, first, second, at)
    before, match = pair
    if used_steps(device, pair, at=at):
        return Judgement(CodeOutcome.REUSED, match=match)
    # A clock that our own window takes needs no window of its own.
    drift = 0 if match.offset in totp.window() else match.offset
    return Judgement(CodeOutcome.ACCEPTED, match=match, before=before, drift=drift)


def _explained(seed: str, first: str, second: str, at: datetime) -> Judgement:
    """Evidence, for nothing is accepted: where they would fit, further out."""
    found = [totp.explain(seed, code, at=at) for code in (first, second)]
    before, match = found
    if before and match and match.step == before.step + 1:
        return Judgement(CodeOutcome.INCORRECT, match=match, before=before)
    return Judgement(CodeOutcome.INCORRECT, match=match or before)


def _finish(user: User, verified: Verified) -> None:
    device = verified.device
    offset = device.drift_steps if isinstance(device, Authenticator) else 0
    Resynchronisation.objects.filter(user=user, used_at=None).update(used_at=timezone.now())
    log.record(
        log_actions.RESYNCHRONISED,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        facts={"factor": KIND.value, "offset_seconds": offset * _SECONDS},
    )
    notices.tell(user, NoticeKind.RESYNCHRONISED)


def _device(user: User) -> Authenticator | None:
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(user=user, confirmed=True)
    return rows.first()
