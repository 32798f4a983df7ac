"""Disabling a client's factor, and unlocking: the pages in front of `twofa.resets`."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin import two_factor_section
from backoffice.admin.act_page import ActForm, OwnCodeForm, OwnCodePage
from backoffice.admin.caller_note import NOT_DONE
from backoffice.admin.client_display import SETTINGS
from backoffice.admin.display import Words
from clients.models import User
from twofa import desk_requests, factors, first_line, lost_device, resets
from twofa.models.reset import ResetScope
from twofa.resets import NotDone
from twofa.vocabulary import MAIN_FACTORS, FactorKind, OperatorAct

ACTS = {
    ResetScope.AUTHENTICATOR: OperatorAct.DISABLE_AUTHENTICATOR,
    ResetScope.SMS: OperatorAct.DISABLE_SMS,
    # Whatever of the two is there; the page of a lost device leads here.
    ResetScope.ALL: OperatorAct.DISABLE_AUTHENTICATOR,
}
WORDS: dict[ResetScope, tuple[Words, Words]] = {
    ResetScope.AUTHENTICATOR: (
        FactorKind.AUTHENTICATOR.label,
        two_factor_section.DISABLE_WORDS[FactorKind.AUTHENTICATOR],
    ),
    ResetScope.SMS: (
        FactorKind.SMS.label,
        two_factor_section.DISABLE_WORDS[FactorKind.SMS],
    ),
    ResetScope.ALL: (
        gettext_lazy("The whole second factor"),
        gettext_lazy("Switch the second factor off"),
    ),
}


class DisableForm(OwnCodeForm):
    identified = forms.BooleanField(
        label=gettext_lazy("The client asked for this and was identified"),
        error_messages={
            "required": gettext_lazy("Go on only when the client asked for it and was identified.")
        },
    )
    field_order = ("reason", "ticket", "identified", "code")


class DisablePage(OwnCodePage):
    form_class = DisableForm
    tab = SETTINGS

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        scopes = [scope for scope in ResetScope if scope.value == kwargs["factor"]]
        if not scopes:
            raise Http404
        self.scope = scopes[0]
        self.caller_act = ACTS[self.scope]
        super().setup(request, *args, **kwargs)

    def may(self) -> bool:
        return resets.may_disable(self.operator, self.client.user)

    def initial(self) -> dict[str, Any]:
        user = self.client.user
        if request := lost_device.standing(user):
            reason = _("Lost device: every proof was seen.")
            return {"reason": reason, "ticket": request.number}
        return asked_for(user, ACTS[self.scope])

    def caller(self) -> dict[str, Any]:
        """While a lost-device request is open its proofs count instead of an identified caller."""
        user = self.client.user
        found = resets.caller_obstacle(self.operator, user, self.scope)
        return {
            **super().caller(),
            "caller_obstacle": NOT_DONE[found] if found else "",
            "caller_is_unknown": found is NotDone.CALLER_NOT_IDENTIFIED,
        }

    def nothing_to_do(self) -> str:
        overview = factors.overview(self.client.user)
        kinds = [kind for kind in MAIN_FACTORS if self.scope in {kind.value, ResetScope.ALL}]
        if any(overview.factors[kind].enabled or overview.factors[kind].begun_at for kind in kinds):
            return ""
        return _("%(factor)s is not enabled for this client.") % {"factor": WORDS[self.scope][0]}

    def facts(self) -> dict[str, Any]:
        factor, act = WORDS[self.scope]
        names = {"factor": factor, "client": self.client, "act": act}
        return {
            "title": _("%(act)s") % names,
            "summary": _(
                "%(factor)s stops working for %(client)s at once, every session of the client "
                "ends, and the client is told by e-mail."
            )
            % names,
            "warning": _(
                "This removes a layer of protection from the account. It is done only at the "
                "client's explicit request and under the client's responsibility."
            ),
            "afterwards": _(
                "Where two-factor sign-in is required, the client enrols again at the next sign-in."
            ),
            "button": _("%(act)s for %(client)s") % names,
            "test_name": f"confirm-disable-{self.scope.value}",
            "held_until": two_factor_section.held_until(self.client.user),
        }

    def act(self, form: ActForm) -> HttpResponse:
        result = resets.disable(
            self.client.user,
            self.scope,
            operator=self.operator,
            reason=form.cleaned_data["reason"],
            client_request=form.cleaned_data["identified"],
            ticket=form.cleaned_data["ticket"],
        )
        if isinstance(result, NotDone):
            return self.back(str(NOT_DONE[result]), level=messages.WARNING)
        return self.back(
            _("%(factor)s is disabled for %(client)s. The client was told, and signed out.")
            % {"factor": WORDS[self.scope][0], "client": self.client}
        )


def asked_for(user: User, act: OperatorAct) -> dict[str, Any]:
    """Reason and ticket as the first line gave them, when it asked for this act."""
    request = desk_requests.standing(user, act)
    return {"reason": request.reason, "ticket": request.ticket} if request else {}


class UnlockPage(OwnCodePage):
    tab = SETTINGS
    dangerous = False
    caller_act = OperatorAct.UNLOCK

    def may(self) -> bool:
        return resets.may_unlock(self.operator, self.client.user)

    def initial(self) -> dict[str, Any]:
        return asked_for(self.client.user, OperatorAct.UNLOCK)

    def nothing_to_do(self) -> str:
        overview = factors.overview(self.client.user)
        if not two_factor_section.is_locked(overview):
            return _("This client is not locked.")
        hard = overview.lock is not None and overview.lock.is_hard
        if not resets.may_unlock(self.operator, self.client.user, hard=hard):
            return str(NOT_DONE[NotDone.HARD_LOCKED])
        return ""

    def facts(self) -> dict[str, Any]:
        words = (
            _(
                "Codes of %(client)s are taken again at once. The count of wrong codes goes on: "
                "with ten of them only the Security desk unlocks. The factors stay as they are."
            )
            if first_line.is_first_line(self.operator)
            else _(
                "The count of wrong codes of %(client)s goes back to zero, and codes are taken "
                "again. The factors stay as they are."
            )
        )
        return {
            "title": _("Unlock"),
            "summary": words % {"client": self.client},
            "button": _("Unlock %(client)s") % {"client": self.client},
            "test_name": "confirm-unlock",
        }

    def act(self, form: ActForm) -> HttpResponse:
        result = resets.unlock(
            self.client.user,
            operator=self.operator,
            reason=form.cleaned_data["reason"],
            ticket=form.cleaned_data["ticket"],
        )
        if isinstance(result, NotDone):
            return self.back(str(NOT_DONE[result]), level=messages.WARNING)
        return self.back(_("%(client)s is unlocked.") % {"client": self.client})
