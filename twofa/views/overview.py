"""Profile > Security: what is on, since when, and what should be done."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from twofa import approvals, factors, holds, lost_device, preferring, sign_in
from twofa.models import Reset
from twofa.results import FactorFacts, Overview
from twofa.sign_in import Access
from twofa.views import activity
from twofa.views.facts import Fact, facts_of
from twofa.views.pages import SeeOther
from twofa.views.security_page import ChangePage
from twofa.vocabulary import MAIN_FACTORS, FactorKind

FEW_CODES = 3
SHOWN_EVENTS = 3


@dataclass(frozen=True, slots=True)
class Preference:
    """One answer to what sign-in asks for first. `value`: "" for what was used last."""

    value: str
    words: str
    is_kept: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One factor on the overview. `tone`: ok, warn, or "" for off. `button`: "" when there is
    nothing to do yet."""

    key: str
    title: str
    text: str
    state: str
    status: str
    tone: str
    facts: list[Fact]
    url: str
    button: str
    invite: bool = False


class OverviewPage(ChangePage):
    while_enrolling = True
    acts = {"prefer": gettext_lazy("You are about to change what sign-in asks for first.")}

    def get(self, request: HttpRequest) -> HttpResponse:
        overview = factors.overview(self.user)
        reset = Reset.objects.filter(user=self.user, enrolled_again_at=None).first()
        sees_everything = sign_in.access(request) is Access.EVERYTHING
        return self.page(
            "twofa/security.html",
            summary=_summary(overview),
            must_enrol=not overview.enabled and factors.is_required(self.user),
            reset=reset,
            holds=holds.of(self.user),
            lost_device=lost_device.standing(self.user),
            approval=approvals.pending(self.user, at=timezone.now()).exists(),
            may_identify=sees_everything,
            preferences=_preferences(overview) if len(overview.enabled) > 1 else [],
            events=activity.newest(self.user, SHOWN_EVENTS) if sees_everything else [],
            factors=[
                _authenticator(overview),
                _sms(overview),
                _recovery_codes(overview),
            ],
        )

    def change(self, request: HttpRequest) -> HttpResponse:
        wanted = request.POST.get("prefer", "none")
        kind = next((kind for kind in MAIN_FACTORS if kind == wanted), None)
        if wanted and kind is None:
            return redirect("twofa:security")
        try:
            preferring.prefer(request, kind)
        except preferring.NotEnabled:
            messages.warning(request, _("Only what is switched on can be asked for first."))
        else:
            messages.success(request, _("Your choice is kept. It holds from the next sign-in on."))
        return SeeOther(reverse("twofa:security"))


def _preferences(overview: Overview) -> list[Preference]:
    kept = overview.preferred if overview.preferred in overview.enabled else None
    choices = ((None, _("What I used last")), *((kind, kind.label) for kind in MAIN_FACTORS))
    return [
        Preference(kind.value if kind else "", str(words), is_kept=kind is kept)
        for kind, words in choices
    ]


def _summary(overview: Overview) -> str:
    if not overview.enabled:
        return _("Your password alone protects this account. A second factor makes it safe.")
    if len(overview.enabled) > 1:
        return _("Two factors protect this account besides your password.")
    return _("A second factor protects this account besides your password.")


def _authenticator(overview: Overview) -> Card:
    facts = overview.factors[FactorKind.AUTHENTICATOR]
    return _card(
        facts,
        title=_("Google Authenticator"),
        text=_("An app on your phone makes the codes. The safest way, and it needs no reception."),
        url=reverse("twofa:authenticator"),
        button=_("Manage") if facts.enabled else _("Set up"),
        invite=not overview.enabled,
    )


def _sms(overview: Overview) -> Card:
    facts = overview.factors[FactorKind.SMS]
    return _card(
        facts,
        title=_("SMS confirmation"),
        text=_("We send the codes to your mobile number."),
        url=reverse("twofa:sms"),
        button=_("Manage") if facts.enabled else _("Set up"),
    )


def _recovery_codes(overview: Overview) -> Card:
    facts = overview.factors[FactorKind.RECOVERY]
    left = facts.codes_left or 0
    few = facts.enabled and left <= FEW_CODES
    return _card(
        facts,
        title=_("Recovery codes"),
        text=_("Ten spare codes on paper, for when the phone is lost.")
        if overview.enabled
        else _("Ten spare codes for when the phone is lost. You get them with your first factor."),
        url=reverse("twofa:recovery-codes"),
        button=_("Manage") if facts.enabled else _("Make codes") if overview.enabled else "",
        status=_("%(count)d left") % {"count": left} if facts.enabled else "",
        tone="warn" if few else "ok",
        invite=few,
    )


def _card(
    facts: FactorFacts,
    *,
    title: str,
    text: str,
    url: str,
    button: str,
    status: str = "",
    tone: str = "ok",
    invite: bool = False,
) -> Card:
    on = facts.enabled
    switched_off = on and not facts.method_on
    words = status or (_("On") if on else _("Off"))
    return Card(
        key="recovery" if facts.kind is FactorKind.RECOVERY else facts.kind.value,
        title=title,
        text=text,
        state="on" if on else "off",
        status=_("Not usable at present") if switched_off else words,
        tone="warn" if switched_off else tone if on else "",
        facts=facts_of(facts),
        url=url,
        button=button,
        invite=invite,
    )
