"""Enabling a factor: begun, then confirmed by a working code. The old one stays until then.

`begin_…` raise `step_up.NotFresh` unless the session has a fresh step-up; `confirm` only takes
what the same session began, once.
"""

from django.http import HttpRequest

from twofa.models import SmsConfirmation
from twofa.results import AuthenticatorEnrolment, Enabled, Refused, SendRefused, Started
from twofa.vocabulary import FactorKind


def begin_authenticator(request: HttpRequest) -> AuthenticatorEnrolment:
    """A new seed, in place of one that was begun before and not confirmed."""
    raise NotImplementedError


def authenticator_begun(request: HttpRequest) -> AuthenticatorEnrolment | None:
    """What this session began and can still confirm, to show the page again after a wrong code."""
    raise NotImplementedError


def begin_sms(request: HttpRequest, number: str) -> Started | SendRefused:
    """Write down the number (E.164) to confirm and send it a code; again: *Resend*."""
    raise NotImplementedError


def sms_begun(request: HttpRequest) -> SmsConfirmation | None:
    """The number this session began to confirm."""
    raise NotImplementedError


def confirm(request: HttpRequest, kind: FactorKind, code: str) -> Enabled | Refused:
    """Enable what was begun if the code is right.

    In one transaction: the old factor of that kind goes, the new one is in force, log, notice (the
    old number is told too), other sessions ended. Then this session is verified by the new factor,
    under a new id. With the first factor come ten recovery codes, to be shown once.
    """
    raise NotImplementedError
