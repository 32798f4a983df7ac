"""Profile > Security > Sessions: where one is signed in, and ending it."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from clients import sessions
from clients.models import UserSession
from twofa import own_sessions
from twofa.views.browsers import name_of
from twofa.views.security_page import SecurityPage


class SessionsPage(SecurityPage):
    """Ending a session needs no fresh code: it protects, and may be urgent."""

    section = "sessions"

    def get(self, request: HttpRequest) -> HttpResponse:
        here = request.session.session_key
        rows = [
            {
                "id": row.pk,
                "is_here": row.session_key == here,
                "browser": name_of(row.browser),
                "address": row.address or "",
                "started_at": row.started_at,
                "last_seen_at": row.last_seen_at,
            }
            for row in sessions.live_sessions(self.user)
        ]
        rows.sort(key=lambda row: not row["is_here"])
        return self.page("twofa/sessions.html", sessions=rows, others=len(rows) > 1)

    def post(self, request: HttpRequest) -> HttpResponse:
        if "end_others" in request.POST:
            own_sessions.end_others(request)
            messages.success(request, _("You are signed out everywhere else."))
        elif "end" in request.POST:
            own_sessions.end(request, self._row(request.POST["end"]))
            messages.success(request, _("That session has ended."))
        return redirect("twofa:sessions")

    def _row(self, wanted: str) -> UserSession:
        """One of the user's own; another's is answered as one that never was."""
        try:
            row = UserSession.objects.filter(pk=UUID(wanted), user=self.user).first()
        except ValueError:
            row = None
        if row is None:
            raise Http404
        return row
