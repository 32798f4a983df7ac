"""Profile > Security > Sessions: where one is signed in, and which browsers are trusted."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clients import sessions
from clients.models import UserSession
from twofa import own_sessions, trusted_browsers, trusted_cookie
from twofa.models import TrustedBrowser
from twofa.views.browsers import name_of, place_of
from twofa.views.facts import Fact
from twofa.views.security_page import SecurityPage

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Line:
    """One session, or one trusted browser."""

    id: UUID
    browser: str
    facts: list[Fact]
    is_here: bool


class SessionsPage(SecurityPage):
    """Ending asks for no fresh code: it protects, and may be urgent."""

    section = "sessions"

    def get(self, request: HttpRequest) -> HttpResponse:
        here = request.session.session_key
        proof = trusted_cookie.shown(request)
        signed_in = [
            _session(row, is_here=row.session_key == here)
            for row in sessions.live_sessions(self.user)
        ]
        trusted = [
            _trusted(row, is_here=proof is not None and proof.series == row.pk)
            for row in trusted_browsers.live(self.user)
        ]
        return self.page(
            "twofa/sessions.html",
            sessions=_this_first(signed_in),
            others=len(signed_in) > 1,
            trusted=_this_first(trusted),
            may_trust=trusted_browsers.days_offered(self.user) > 0,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        if "end_others" in request.POST:
            own_sessions.end_others(request)
            messages.success(request, _("You are signed out everywhere else."))
        elif "end" in request.POST:
            own_sessions.end(request, self._own(UserSession, request.POST["end"]))
            messages.success(request, _("That session has ended."))
        elif "stop_all" in request.POST:
            trusted_browsers.stop(request)
            messages.success(request, _("No browser is trusted any more."))
        elif "stop" in request.POST:
            trusted_browsers.stop(request, self._own(TrustedBrowser, request.POST["stop"]))
            messages.success(request, _("That browser is not trusted any more."))
        return redirect("twofa:sessions")

    def _own(self, model: type[M], wanted: str) -> M:
        """One of the user's own; another's is answered as one that never was."""
        try:
            row = model._default_manager.filter(pk=UUID(wanted), user=self.user).first()
        except ValueError:
            row = None
        if row is None:
            raise Http404
        return row


def _session(row: UserSession, *, is_here: bool) -> Line:
    seen = Fact(_("Last seen"), _("now")) if is_here else Fact(_("Last seen"), at=row.last_seen_at)
    facts = [*_network(row.address or ""), Fact(_("Signed in"), at=row.started_at), seen]
    return Line(row.pk, name_of(row.browser), facts, is_here)


def _trusted(row: TrustedBrowser, *, is_here: bool) -> Line:
    facts = [
        *_network(row.address_block),
        Fact(_("Since"), at=row.created_at),
        Fact(_("Last used"), at=row.last_used_at),
        Fact(_("Until"), at=trusted_browsers.ends_at(row)),
    ]
    return Line(row.pk, name_of(row.browser), facts, is_here)


def _network(address: str) -> list[Fact]:
    place = place_of(address)
    return [Fact(_("Network"), place)] if place else []


def _this_first(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: not line.is_here)
