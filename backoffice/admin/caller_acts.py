"""Who calls, and what is done for the caller: the pages in front of `twofa`'s acts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backoffice.admin import diagnosis_section, two_factor_section
from backoffice.admin.act_page import ActForm, ActPage, OwnCodePage
from backoffice.admin.caller_note import NOT_DONE
from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.two_factor_acts import DisableForm, asked_for
from backoffice.admin.way_back import way_back
from clients.models import Client, User
from twofa import (
    approvals,
    desk_requests,
    factors,
    resynchronising,
    support_pins,
    temporary_codes,
)
from twofa.diagnosis import diagnosing, facts, presenting
from twofa.models import CallerCheck
from twofa.operator_acts import NotDone
from twofa.people import signed_in
from twofa.support_pins import WrongPin
from twofa.vocabulary import FactorKind, Malformed, OperatorAct


def addresses(site: AdminSite) -> list[URLPattern]:
    def act(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        return path(f"<int:pk>/{route}/", site.admin_view(view), name=f"clients_client_{name}")

    return [
        act("caller/pin", require_POST(identify), "identify"),
        act("caller/approval", ApprovalAskPage.as_view(), "approval"),
        act("caller/desk", require_POST(ask_desk), "ask_desk"),
        act("two-factor/resynchronise", ResynchronisePage.as_view(), "resynchronise"),
        act("two-factor/temporary-code", TemporaryCodePage.as_view(), "temporary_code"),
    ]


def identify(request: HttpRequest, pk: int) -> HttpResponse:
    """The PIN that the caller read out; the page of an act that asked for it is gone on with."""
    operator = signed_in(request)
    if not operator.has_perm(support_pins.IDENTIFY):
        raise PermissionDenied  # before anything is looked up: a refusal tells nothing
    client = _client(pk)
    found = support_pins.identify(client.user, request.POST.get("pin", ""), operator=operator)
    if found is NotDone.NOT_ALLOWED or found is NotDone.OWN_FACTOR:
        raise PermissionDenied
    if isinstance(found, CallerCheck):
        words = _("The caller is identified to you for 15 minutes.")
        messages.success(request, words)
    elif isinstance(found, WrongPin):
        messages.error(request, _wrong_pin(found))
    return HttpResponseRedirect(way_back(request) or f"{address_of(client, SETTINGS)}#caller")


def ask_desk(request: HttpRequest, pk: int) -> HttpResponse:
    """One press: client, verdict and reason go along by themselves."""
    operator = signed_in(request)
    if not operator.has_perm(desk_requests.ASK):
        raise PermissionDenied
    client = _client(pk)
    act = next((one for one in desk_requests.ASKED_FOR if one == request.POST.get("act")), None)
    if act is None or not desk_requests.may_ask(operator, client.user):
        raise PermissionDenied
    verdict, reason = _verdict(client.user, operator)
    asked = desk_requests.ask(client.user, act, operator=operator, verdict=verdict, reason=reason)
    if isinstance(asked, NotDone):
        messages.warning(request, str(NOT_DONE[asked]))
    else:
        words = _("The Security desk is asked: %(act)s. You see the answer here.")
        messages.success(request, words % {"act": act.label})
    return HttpResponseRedirect(f"{address_of(client, SETTINGS)}#caller")


class ApprovalForm(ActForm):
    reason = None  # type: ignore[assignment]  # how Django leaves out an inherited field
    act = forms.ChoiceField(
        label=gettext_lazy("What the client asks for"),
        choices=[
            ("", gettext_lazy("Choose")),
            *((act.value, act.label) for act in approvals.ASKED_FOR),
        ],
        error_messages={"required": gettext_lazy("Choose what the client asks for.")},
        help_text=gettext_lazy("The client agrees to this one act."),
    )
    field_order = ("act", "ticket")


class ApprovalAskPage(ActPage):
    form_class = ApprovalForm
    tab = SETTINGS
    dangerous = False

    def may(self) -> bool:
        return support_pins.may_identify(self.operator, self.client.user)

    def facts(self) -> dict[str, Any]:
        name = {"client": self.client, "operator": self.operator.name or _("our support")}
        return {
            "title": _("Ask for approval"),
            "summary": _(
                "%(client)s gets an e-mail with a link to a page that names us, the ticket, what "
                "is asked for, and %(operator)s. There the client agrees, or says: this was not me."
            )
            % name,
            "warning": _(
                "The link alone proves only that somebody reads this mailbox. A support PIN, from "
                "the client's own security page, proves more: ask for that first."
            ),
            "afterwards": _("The answer comes within 15 minutes, or not at all."),
            "button": _("Send the e-mail to %(client)s") % name,
            "test_name": "confirm-approval",
        }

    def act(self, form: ActForm) -> HttpResponse:
        act = OperatorAct(form.cleaned_data["act"])
        asked = approvals.ask(
            self.client.user, act, operator=self.operator, ticket=form.cleaned_data["ticket"]
        )
        if asked is NotDone.TOO_MANY:
            words = _("Enough e-mails went to this client within the hour. None was sent.")
            return self.back(words, level=messages.WARNING)
        if isinstance(asked, NotDone):
            return self.back(str(NOT_DONE[asked]), level=messages.WARNING)
        return self.back(_("The e-mail is on its way. Load this page again to see the answer."))


class ResynchronisePage(ActPage):
    tab = SETTINGS
    dangerous = False
    caller_act = OperatorAct.RESYNCHRONISE

    def may(self) -> bool:
        return resynchronising.may_allow(self.operator, self.client.user)

    def nothing_to_do(self) -> str:
        if factors.overview(self.client.user).factors[FactorKind.AUTHENTICATOR].enabled:
            return ""
        return _("This client has no authenticator.")

    def facts(self) -> dict[str, Any]:
        name = {"client": self.client}
        return {
            "title": _("Resynchronise the authenticator"),
            "summary": _(
                "For 15 minutes, the sign-in page asks %(client)s for two codes of the app in a "
                "row. When both fit, the client is in, and we know how far the app's clock is off."
            )
            % name,
            "warning": _("Nobody reads a code to you. The client types both on our own page."),
            "afterwards": _(
                "Better still is a phone that sets its time by itself; then nothing has to be "
                "learnt. The client is told by e-mail."
            ),
            "button": _("Allow it to %(client)s") % name,
            "test_name": "confirm-resynchronise",
        }

    def act(self, form: ActForm) -> HttpResponse:
        result = resynchronising.allow(
            self.client.user,
            operator=self.operator,
            reason=form.cleaned_data["reason"],
            ticket=form.cleaned_data["ticket"],
        )
        if isinstance(result, NotDone):
            return self.back(str(NOT_DONE[result]), level=messages.WARNING)
        return self.back(
            _("Let %(client)s load the sign-in page again: it asks for two codes now.")
            % {"client": self.client}
        )


class TemporaryCodePage(OwnCodePage):
    form_class = DisableForm
    tab = SETTINGS
    caller_act = OperatorAct.TEMPORARY_CODE

    def may(self) -> bool:
        return temporary_codes.may_issue(self.operator, self.client.user)

    def initial(self) -> dict[str, Any]:
        return asked_for(self.client.user, OperatorAct.TEMPORARY_CODE)

    def nothing_to_do(self) -> str:
        if factors.enabled(self.client.user):
            return ""
        return _("This client signs in by password alone: there is nothing that a code would open.")

    def facts(self) -> dict[str, Any]:
        name = {"client": self.client}
        return {
            "title": _("Temporary code"),
            "summary": _(
                "You are shown a code for %(client)s, once. Within an hour it signs in one time, "
                "together with the client's password."
            )
            % name,
            "warning": _(
                "Whoever signs in by it may enable a new factor in place of the lost one. It is "
                "given out only at the client's explicit request and under the client's "
                "responsibility."
            ),
            "afterwards": _("The client is told by e-mail now, and when the code is used."),
            "button": _("Show a code for %(client)s") % name,
            "test_name": "confirm-temporary-code",
            "held_until": two_factor_section.held_until(self.client.user),
        }

    def act(self, form: ActForm) -> HttpResponse:
        result = temporary_codes.issue(
            self.client.user,
            operator=self.operator,
            reason=form.cleaned_data["reason"],
            client_request=form.cleaned_data["identified"],
            ticket=form.cleaned_data["ticket"],
        )
        if isinstance(result, NotDone):
            return self.back(str(NOT_DONE[result]), level=messages.WARNING)
        self.template_name = "admin/clients/client/temporary_code.html"
        return ActPage.show(self, form, code=result.code, until=result.until)


def _client(pk: int) -> Client:
    return get_object_or_404(Client.objects.select_related("user"), pk=pk)


def _wrong_pin(found: WrongPin) -> str:
    if found.too_many:
        return _("Too many wrong PINs. Wait a quarter of an hour, or ask for an approval.")
    if found.malformed is Malformed.EMPTY:
        return _("Type the PIN that the caller reads out.")
    if found.malformed:
        return _("A support PIN has six digits.")
    return _(
        "This PIN is not right, or it is too old. Let the caller show a new one and read it out."
    )


def _verdict(user: User, operator: User) -> tuple[str, str]:
    """The cause that is found now, and its words; for who may see them."""
    if not operator.has_perm(diagnosis_section.PERMISSION):
        return "", ""
    diagnosis = diagnosing.judge(facts.gather(user))
    return diagnosis.verdict, str(presenting.verdict_words(diagnosis))
