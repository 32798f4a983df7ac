"""Asking for two codes in a row: the form, and why they were not taken."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from twofa import codes, totp
from twofa.forms.two_codes import TwoCodesForm
from twofa.models import Authenticator, Resynchronisation
from twofa.results import Refused, Verified
from twofa.views.refusals import Problem, box_for, clock_title, line_for, tries_left
from twofa.vocabulary import CodeOutcome, FactorKind, Malformed

KIND = FactorKind.AUTHENTICATOR


def form_for(request: HttpRequest, refused: Refused | None) -> TwoCodesForm:
    """Empty, with what was wrong at the field that it was wrong in."""
    if refused is None:
        return TwoCodesForm()
    form = TwoCodesForm({})
    form.full_clean()
    if words := _line(refused):
        form.add_error(_field(request, refused), words)
    return form


def problem_for(refused: Refused | None) -> Problem | None:
    if refused is None:
        return None
    if refused.outcome is CodeOutcome.NO_CHALLENGE:
        return Problem(
            _("This is not possible any more"),
            _("Support allows it for 15 minutes, and once. Ask support again if you need it."),
        )
    return box_for(refused, KIND)


def typed(request: HttpRequest, name: str) -> str:
    """What was typed. A code that comes twice is none: the domain refuses the joined text."""
    return " or ".join(request.POST.getlist(name))


def tell_clock(request: HttpRequest, verified: Verified) -> None:
    """The client's own clock, now that two codes in a row have told it."""
    device = verified.device
    steps = device.drift_steps if isinstance(device, Authenticator) else 0
    words = _("The codes of your app are accepted again.")
    if steps:
        clock = clock_title(steps * totp.STEP)
        words = f"{words} {clock}. {_('Let the phone set its time by itself.')}"
    messages.success(request, words)


def until(allowed: Resynchronisation | None) -> datetime | None:
    return allowed.expires_at if allowed else None


def _line(refused: Refused) -> str:
    if refused.locked_until is not None or refused.hard_locked or refused.clock_offset:
        return ""
    if refused.outcome is CodeOutcome.INCORRECT:
        words = _("These are not two codes of this account, one right after the other.")
        return f"{words} {tries_left(refused.tries_left)}".strip()
    return line_for(refused, KIND)


def _field(request: HttpRequest, refused: Refused) -> str:
    is_second = refused.outcome is CodeOutcome.MALFORMED and not isinstance(
        codes.normalise(typed(request, "first")), Malformed
    )
    return "second" if is_second else "first"
