"""Enabling a factor: begun, then confirmed by a working code. The old one stays until then.

`begin_…` raise `step_up.NotFresh` unless the session has a fresh step-up; `confirm` only takes
what the same session began, once. PermissionDenied for a session that was ended meanwhile.
"""

import django_otp
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit import log
from clients import sessions
from clients.models import User
from twofa import (
    bindings,
    challenge_life,
    challenges,
    log_actions,
    people,
    recovery_codes,
    step_up,
    totp,
    verification,
)
from twofa.factor_changes import put_in_force
from twofa.models import Authenticator, Challenge, RecoveryCodes, SmsConfirmation
from twofa.policy_keys import SERVICE_NAME
from twofa.results import (
    AuthenticatorEnrolment,
    Enabled,
    Refused,
    SendRefused,
    Started,
    Verified,
)
from twofa.signals import factor_enabled
from twofa.vocabulary import FactorKind, Purpose


def begin_authenticator(request: HttpRequest) -> AuthenticatorEnrolment | SendRefused:
    """A new seed, in place of one that was begun before and not confirmed.

    Refused while the account is locked, or the method switched off.
    """
    user = people.signed_in(request)
    with transaction.atomic():
        step_up.hold_fresh(request, enrolling=True)
        Authenticator.objects.filter(user=user, confirmed=False).delete()
        device = Authenticator.objects.create(user=user, seed=totp.new_seed())
        _log_begun(user, FactorKind.AUTHENTICATOR)
        started = challenges.start(
            user,
            factor=FactorKind.AUTHENTICATOR,
            purpose=Purpose.ENROL,
            binding=bindings.of(request),
        )
    return started if isinstance(started, SendRefused) else _shown(device, started.challenge)


def authenticator_begun(request: HttpRequest) -> AuthenticatorEnrolment | None:
    """What this session began and can still confirm, to show the page again after a wrong code."""
    challenge = _live_challenge(request, FactorKind.AUTHENTICATOR)
    device = Authenticator.objects.filter(
        user=people.signed_in(request), confirmed=False, pk=challenge and challenge.factor_id
    ).first()
    return _shown(device, challenge) if device and challenge else None


def begin_sms(request: HttpRequest, number: str) -> Started | SendRefused:
    """Write down the number (E.164) to confirm and send it a code; again: *Resend*."""
    user = people.signed_in(request)
    with transaction.atomic():
        step_up.hold_fresh(request, enrolling=True)
        begun = SmsConfirmation.objects.filter(user=user, confirmed=False)
        # Another number is another row: a code for the first does not confirm the second.
        begun.exclude(number=number).delete()
        if not begun.exists():
            SmsConfirmation.objects.create(user=user, number=number)
            _log_begun(user, FactorKind.SMS)
    return resend_sms(request)


def resend_sms(request: HttpRequest) -> Started | SendRefused:
    """Send another code to the number being confirmed."""
    return challenges.start(
        people.signed_in(request),
        factor=FactorKind.SMS,
        purpose=Purpose.ENROL,
        binding=bindings.of(request),
    )


def sms_begun(request: HttpRequest) -> SmsConfirmation | None:
    """The number this session began to confirm."""
    user = people.signed_in(request)
    asked = challenges.current(
        user, factor=FactorKind.SMS, purpose=Purpose.ENROL, binding=bindings.of(request)
    )
    if asked is None or asked.consumed_at is not None:
        return None
    begun: QuerySet[SmsConfirmation] = SmsConfirmation.objects.filter(user=user, confirmed=False)
    return begun.filter(pk=asked.factor_id).first()


def confirm(request: HttpRequest, kind: FactorKind, code: str) -> Enabled | Refused:
    """Enable what was begun if the code is right.

    In one transaction: the old factor of that kind goes, the new one is in force, log, notice (the
    old number is told too), other sessions ended. Then this session is verified by the new factor,
    under a new id. With the first factor come ten recovery codes, to be shown once.
    """
    user = people.signed_in(request)
    enabled: list[Enabled] = []
    result = verification.verify(
        user,
        factor=kind,
        purpose=Purpose.ENROL,
        binding=bindings.of(request),
        code=code,
        accepted=lambda verified: enabled.append(_enable(request, user, verified)),
    )
    if isinstance(result, Refused):
        return result
    django_otp.login(request, result.device)
    step_up.forget_code_from_support(request)
    step_up.renew_session(request)
    return enabled[0]


def _enable(request: HttpRequest, user: User, verified: Verified) -> Enabled:
    step_up.require_session(request)  # another one may just have enabled a factor, and ended this
    replaced = put_in_force(user, verified.device)
    has_codes = RecoveryCodes.objects.filter(user=user).exists()
    fresh = () if has_codes else recovery_codes.make_anew(user)
    sessions.end_all(user, but=request.session.session_key)
    factor_enabled.send(type(user), user=user, kind=verified.factor)
    return Enabled(verified.factor, verified.device, replaced, fresh)


def _shown(device: Authenticator, challenge: Challenge) -> AuthenticatorEnrolment:
    seed = device.seed
    address = totp.uri(seed, account=device.user.email, issuer=SERVICE_NAME())
    return AuthenticatorEnrolment(challenge=challenge, key=seed, uri=address)


def _live_challenge(request: HttpRequest, kind: FactorKind) -> Challenge | None:
    asked = challenges.current(
        people.signed_in(request), factor=kind, purpose=Purpose.ENROL, binding=bindings.of(request)
    )
    live = asked is not None and challenge_life.is_live(asked, at=timezone.now())
    return asked if live else None


def _log_begun(user: User, kind: FactorKind) -> None:
    log.record(
        log_actions.ENROLMENT_BEGUN,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        facts={"factor": str(kind)},
    )
