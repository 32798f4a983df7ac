"""Confirming a change: a fresh code, or the password while there is no factor.

The page stands at the address of the change and carries the change's own fields, so that nothing
waits in the session and two tabs do not mix up. It is always the answer to a POST, which is why it
may send an SMS.
"""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from clients.models import User
from twofa import bindings, challenges, factors, recovery, step_up
from twofa.forms.codes import typed
from twofa.forms.page_form import PageForm
from twofa.forms.passwords import ConfirmPasswordForm
from twofa.results import Refused, SendRefused
from twofa.views import support_reference
from twofa.views.asking import Ask, SmsLine, code_form, sms_line, under
from twofa.views.refusals import Problem, box_for, box_for_send
from twofa.vocabulary import FactorKind, Purpose

if TYPE_CHECKING:
    from twofa.views.security_page import ChangePage

MARK = "step_up"
AGAIN = "send_again"  # not "resend": that may be the very change that is being confirmed


def is_answer(request: HttpRequest) -> bool:
    return MARK in request.POST


def ask(page: "ChangePage") -> HttpResponse:
    """The page that asks, after sending a code when the factor is SMS."""
    if step_up.by_password(page.request):
        return _page(page, form=ConfirmPasswordForm())
    factor = _factor(page)
    if factor is None:
        return _page(page, form=None, problem=_no_method())
    return _ask_code(page, factor)


def answer(page: "ChangePage") -> HttpResponse | None:
    """None: confirmed, go on with the change. Otherwise the page once more."""
    request = page.request
    if step_up.by_password(request):
        return _check_password(page)
    factor = _factor(page)
    if factor is None or "way" in request.POST or AGAIN in request.POST:
        return ask(page)
    result = step_up.verify(request, factor=factor, code=typed(request.POST))
    if not isinstance(result, Refused):
        return None
    line = _line(page, factor)
    form = code_form(factor, line=line, refused=result)
    return _page(page, form=form, factor=factor, line=line, problem=box_for(result, factor))


def _check_password(page: "ChangePage") -> HttpResponse | None:
    form = ConfirmPasswordForm(page.request.POST)
    if form.is_valid():
        if step_up.check_password(page.request, form.cleaned_data["password"]):
            return None
        form.add_error("password", _("This is not your password."))
    return _page(page, form=form)


def _ask_code(page: "ChangePage", factor: FactorKind) -> HttpResponse:
    if factor is FactorKind.RECOVERY:
        return _page(page, form=code_form(factor), factor=factor)
    sent = step_up.send(page.request, factor)
    problem = box_for_send(sent) if isinstance(sent, SendRefused) else None
    line = _line(page, factor)
    return _page(page, form=code_form(factor, line=line), factor=factor, line=line, problem=problem)


def _factor(page: "ChangePage") -> FactorKind | None:
    """The one chosen on the page, or the one that sign-in asks for first."""
    ways = _ways(page.user)
    wanted = page.request.POST.get("way") or page.request.POST.get("factor")
    return next((kind for kind in ways if kind == wanted), ways[0] if ways else None)


def _ways(user: User) -> list[FactorKind]:
    """A recovery code too: it is how somebody who lost the device gets rid of the old factor."""
    spare = [FactorKind.RECOVERY] if recovery.left(user) else []
    return [*factors.offered(user), *spare]


def _line(page: "ChangePage", factor: FactorKind) -> SmsLine | None:
    if factor is not FactorKind.SMS:
        return None
    return sms_line(
        challenges.current(
            page.user,
            factor=factor,
            purpose=Purpose.STEP_UP,
            binding=bindings.of(page.request),
        )
    )


def _page(
    page: "ChangePage",
    *,
    form: PageForm | None,
    factor: FactorKind | None = None,
    line: SmsLine | None = None,
    problem: Problem | None = None,
) -> HttpResponse:
    kept, words = page.asked_act()
    failed = problem is not None or (form is not None and bool(form.errors))
    hidden = {MARK: "1", **kept} | ({"factor": factor.value} if factor else {})
    return page.page(
        "twofa/confirm.html",
        ask=form
        and Ask(
            form=under(problem, form),
            submit=_("Confirm"),
            sms=line,
            hidden=hidden,
            resend=AGAIN,
            reference=_reference(page, line, failed=failed),
            by_app=factor is FactorKind.AUTHENTICATOR,
        ),
        act=words,
        other_ways=_other_ways(page.user, factor) if factor else [],
        problem=problem,
    )


def _reference(page: "ChangePage", line: SmsLine | None, *, failed: bool) -> str:
    if line is not None:
        return line.reference
    return support_reference.of(page.request, page.user) if failed else ""


def _other_ways(user: User, factor: FactorKind | None) -> list[dict[str, str]]:
    words = {
        FactorKind.AUTHENTICATOR: _("Use the authenticator app instead"),
        FactorKind.SMS: _("Send a code by SMS instead"),
        FactorKind.RECOVERY: _("Use a recovery code instead"),
    }
    return [
        {"key": kind.value, "button": words[kind]} for kind in _ways(user) if kind is not factor
    ]


def _no_method() -> Problem:
    return Problem(
        _("This cannot be changed just now"),
        _("Your ways of confirming are switched off. Please write to support."),
    )
