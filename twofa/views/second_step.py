"""The second step of the door: a code, another way, a recovery code."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from clients.models import User
from twofa import (
    approvals,
    bindings,
    challenges,
    factors,
    locks,
    recovery,
    resynchronising,
    sign_in,
    trusted_browsers,
    trusted_cookie,
)
from twofa.forms.codes import typed
from twofa.models import Challenge
from twofa.results import Refused, Verified
from twofa.sign_in import HalfSignIn
from twofa.views import chosen_factor, destination, support_reference
from twofa.views.asking import Ask, code_form, sms_line, under
from twofa.views.pages import SeeOther, on_dispatch
from twofa.views.refusals import Problem, box_for, box_for_lock
from twofa.vocabulary import FactorKind, Purpose

FEW_CODES = 3
# In the address: the client would rather type one code, though two were allowed.
ONE_CODE = "one-code"
# The tick below the code.
TRUST = "trust"


@on_dispatch
class SecondStep(View):
    """A page between password and session. Without a half sign-in it leads back to the start."""

    half: HalfSignIn
    offered: list[FactorKind]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        half = sign_in.half_sign_in(request)
        if half is None:
            return self._start_again(request)
        self.half = half
        self.offered = factors.offered(half.user)
        try:
            return super().dispatch(request, *args, **kwargs)
        except sign_in.NoHalfSignIn:
            return self._start_again(request)

    def _start_again(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            messages.warning(
                request, _("This sign-in was begun too long ago. Please start once more.")
            )
        wanted = destination.kept(request)
        query = f"?{urlencode({'next': wanted})}" if wanted else ""
        return redirect(f"{reverse('twofa:sign-in')}{query}")

    def render(self, template: str, **context: Any) -> HttpResponse:
        """With who signs in, and until when: that is all the time there is (S29)."""
        given = {"email": self.half.user.email, "ends_at": self.half.ends_at, **context}
        return render(self.request, template, given)

    def challenge(self, factor: FactorKind) -> Challenge | None:
        return challenges.current(
            self.half.user,
            factor=factor,
            purpose=Purpose.SIGN_IN,
            binding=bindings.of(self.request),
        )

    def check(self, factor: FactorKind) -> HttpResponse | Refused:
        """Verify what was typed; when it is right, the answer that ends the sign-in."""
        result = sign_in.verify(self.request, factor=factor, code=typed(self.request.POST))
        if isinstance(result, Refused):
            return result
        return self.signed_in(result)

    def signed_in(self, verified: Verified) -> HttpResponse:
        chosen_factor.forget(self.request)
        if verified.recovery_codes_left is not None:
            _tell_codes_left(self.request, verified.recovery_codes_left)
        return SeeOther(destination.take(self.request, verified.user))


class Verify(SecondStep):
    def get(self, request: HttpRequest) -> HttpResponse:
        factor = chosen_factor.of(request, self.offered)
        if factor is None:
            return redirect("twofa:other")
        if factor is FactorKind.AUTHENTICATOR and self._two_codes_are_asked():
            return redirect("twofa:resynchronise")
        return self._page(factor)

    def post(self, request: HttpRequest) -> HttpResponse:
        factor = chosen_factor.of(request, self.offered)
        if factor is None:
            return redirect("twofa:other")
        if "resend" in request.POST:
            chosen_factor.ask(request, factor)
            return redirect("twofa:verify")
        answer = self.check(factor)
        if isinstance(answer, Refused):
            return self._page(factor, refused=answer)
        if TRUST in request.POST and (trusted := trusted_browsers.trust(request)):
            trusted_cookie.put(answer, trusted.proof, until=trusted.until)
        return answer

    def _two_codes_are_asked(self) -> bool:
        allowed = resynchronising.allowed(self.half.user, at=timezone.now())
        return allowed is not None and ONE_CODE not in self.request.GET

    def _page(self, factor: FactorKind, *, refused: Refused | None = None) -> HttpResponse:
        by_sms = factor is FactorKind.SMS
        challenge = self.challenge(factor)
        problem = box_for(refused, factor) if refused else self._lock(factor)
        line = sms_line(challenge) if by_sms else None
        ask = Ask(
            form=under(problem, code_form(factor, line=line, refused=refused)),
            submit=_("Continue"),
            # Where the code is dead or locked, how it once travelled only confuses.
            sms=None if problem else line,
            reference=support_reference.of(self.request, self.half.user, challenge),
            by_app=not by_sms,
            app_help_open=refused is not None,
            other_url=reverse("twofa:other"),
            recovery_url=reverse("twofa:recovery"),
            has_authenticator=FactorKind.AUTHENTICATOR in self.offered,
            trust_days=trusted_browsers.days_offered(self.half.user),
            trusts=TRUST in self.request.POST,
        )
        return self.render(
            "twofa/verify.html",
            title=_("Check your messages") if by_sms else _("Open your authenticator app"),
            ask=ask,
            problem=problem,
        )

    def _lock(self, factor: FactorKind) -> Problem | None:
        return box_for_lock(locks.shown(self.half.user, at=timezone.now()), factor)


class Other(SecondStep):
    """Sign in another way. Choosing SMS sends a code, so it is a form."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = self.half.user
        factor = chosen_factor.of(request, self.offered)
        challenge = self.challenge(factor) if factor else None
        return self.render(
            "twofa/other.html",
            ways=[
                *(_way(kind) for kind in self.offered),
                *_spare_way(user),
                _support_way(),
                _lost_way(),
            ],
            approval=approvals.pending(user, at=timezone.now()).exists(),
            reference=support_reference.of(request, user, challenge),
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        wanted = request.POST.get("way", "")
        kind = next((kind for kind in self.offered if kind == wanted), None)
        if kind is None:
            return redirect("twofa:other")
        chosen_factor.ask(request, kind)
        return redirect("twofa:verify")


class Recovery(SecondStep):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        answer = self.check(FactorKind.RECOVERY)
        return self._page(refused=answer) if isinstance(answer, Refused) else answer

    def _page(self, *, refused: Refused | None = None) -> HttpResponse:
        problem = box_for(refused, FactorKind.RECOVERY) if refused else None
        form = under(problem, code_form(FactorKind.RECOVERY, refused=refused))
        reference = support_reference.of(self.request, self.half.user) if refused else ""
        ask = Ask(form=form, submit=_("Continue"), reference=reference)
        return self.render("twofa/recovery.html", ask=ask, problem=problem)


def _way(kind: FactorKind) -> dict[str, str]:
    if kind is FactorKind.AUTHENTICATOR:
        return {
            "key": kind.value,
            "title": _("Authenticator app"),
            "text": _("The six digits that the app shows now."),
            "button": _("Use the app"),
        }
    return {
        "key": kind.value,
        "title": _("Text message"),
        "text": _("We send a code to your confirmed number."),
        "button": _("Send a code"),
    }


def _spare_way(user: User) -> list[dict[str, str]]:
    if not recovery.left(user):
        return []
    return [
        {
            "key": FactorKind.RECOVERY.value,
            "title": _("Recovery code"),
            "text": _("One of those that you kept when you set up your second factor."),
            "button": _("Use a code"),
            "url": reverse("twofa:recovery"),
        }
    ]


def _support_way() -> dict[str, str]:
    """For everybody: whether there is such a code is nobody's business."""
    return {
        "key": FactorKind.TEMPORARY.value,
        "title": _("Code from support"),
        "text": _("If our support gave you one, on the phone."),
        "button": _("Use a code"),
        "url": reverse("twofa:support-code"),
    }


def _lost_way() -> dict[str, str]:
    return {
        "key": "lost",
        "title": _("I lost my phone or app"),
        "text": _("Support makes sure that it is you, then switches the second factor off."),
        "button": _("Ask support"),
        "url": reverse("twofa:lost-device"),
    }


def _tell_codes_left(request: HttpRequest, left: int) -> None:
    words = ngettext(
        "You signed in with a recovery code. %(count)d is left.",
        "You signed in with a recovery code. %(count)d are left.",
        left,
    ) % {"count": left}
    if left <= FEW_CODES:
        words = f"{words} {_('Make new ones under Security, Recovery codes.')}"
    messages.warning(request, words)
