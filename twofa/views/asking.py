"""The block that asks for a code: the field, and for SMS how the message is on its way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from twofa import challenges
from twofa.direction import left_to_right
from twofa.forms.codes import CodeForm, RecoveryCodeForm
from twofa.forms.page_form import PageForm
from twofa.incident_banner import banner_for
from twofa.models import Challenge
from twofa.results import Refused, Status
from twofa.views.delivery import DeliveryLine, line_of
from twofa.views.refusals import Problem, line_for
from twofa.vocabulary import SPARE_FACTORS, Delivery, FactorKind, Trouble


@dataclass(frozen=True, slots=True)
class SmsLine:
    """The message on its way. `wait`: seconds until the server takes another request."""

    status_url: str
    reference: str
    delivery: DeliveryLine | None
    wait: int
    button: str
    ending: str
    is_live: bool
    ends_in: int  # seconds until the code is dead
    is_delayed_for_many: bool = False

    @property
    def waiting(self) -> str:
        """For the button while it counts down; a script puts the time in."""
        return _("Resend in %(time)s")


@dataclass(frozen=True, slots=True)
class Ask:
    """What `twofa/_ask_code.html` shows. `hidden` goes with every form of the block."""

    form: PageForm
    submit: str
    sms: SmsLine | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)
    other_url: str = ""
    recovery_url: str = ""
    has_authenticator: bool = False
    resend: str = "resend"  # the name of the button
    reference: str = ""  # what the client reads out to support
    by_app: bool = False  # with help for an authenticator that is refused
    app_help_open: bool = False
    trust_days: int = 0  # for how many days this browser may be trusted; 0: not offered
    trusts: bool = False  # ticked before


def sms_line(challenge: Challenge | None, *, resend_from: datetime | None = None) -> SmsLine | None:
    """How the message of a challenge stands; None when none was asked for."""
    if challenge is None:
        return None
    status = challenges.status(challenge)
    return SmsLine(
        status_url=reverse("twofa:status", args=[challenge.pk]),
        reference=status.reference,
        delivery=line_of(status),
        wait=seconds_until(resend_from or status.resend_from),
        button=_("Resend the code") if status.is_live else _("Send a new code"),
        ending=status.ending,
        is_live=status.is_live,
        ends_in=seconds_until(status.expires_at),
        is_delayed_for_many=_may_be_delayed(status) and banner_for(challenge),
    )


def _may_be_delayed(status: Status) -> bool:
    """Neither there, nor lost for a reason of its own."""
    is_ours = status.trouble in {None, Trouble.NETWORK, Trouble.OURS}
    return is_ours and status.delivery is not Delivery.DELIVERED


def seconds_until(moment: datetime | None) -> int:
    if moment is None:
        return 0
    return max(0, ceil((moment - timezone.now()).total_seconds()))


def code_form(
    factor: FactorKind, *, line: SmsLine | None = None, refused: Refused | None = None
) -> PageForm:
    """The field for a code of that factor, with what was wrong with the last one."""
    form_class: type[CodeForm] = RecoveryCodeForm if factor in SPARE_FACTORS else CodeForm
    options: dict[str, Any] = {"label": _label(factor, line), "hint": _hint(factor)}
    if refused is None:
        return form_class(**options)
    form = form_class({}, **options)
    form.full_clean()
    if words := line_for(refused, factor):
        form.add_error("code", words)
    return form


def under(problem: Problem | None, form: PageForm) -> PageForm:
    """The form below a problem, which has the focus then."""
    form.takes_focus = problem is None
    return form


def _label(factor: FactorKind, line: SmsLine | None) -> str:
    if factor is FactorKind.RECOVERY:
        return _("Recovery code")
    if factor is FactorKind.TEMPORARY:
        return _("The code that support gave you")
    if factor is FactorKind.AUTHENTICATOR:
        return _("Enter the code of your authenticator app")
    if line is None or not line.ending:
        return _("Enter the code of the text message")
    return _("Enter the code we sent to %(number)s") % {"number": left_to_right(line.ending)}


def _hint(factor: FactorKind) -> str:
    if factor is FactorKind.RECOVERY:
        return _("Like ABCD-EFGH-JKLM-NPQR. Dashes and capitals do not matter.")
    if factor is FactorKind.TEMPORARY:
        return _("Like ABCD-EFGH. Dashes and capitals do not matter.")
    return _("Six digits. Spaces do not matter.")
