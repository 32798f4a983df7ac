"""Sessions of a client: where he is signed in, and ending it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.admin.client_display import SESSIONS
from backoffice.admin.client_tabs import ClientTab, act_address
from clients.models import UserSession

SHOWN = 50


class SessionsTab(ClientTab):
    key = SESSIONS
    words = _("Sessions")
    permission = "clients.view_usersession"
    template = "admin/clients/client/sessions.html"

    def context(self) -> dict[str, Any]:
        rows = UserSession.objects.filter(user=self.client.user)[:SHOWN]
        return {
            "sessions": [(row, row.ended_at is None) for row in rows],
            "end_address": act_address(
                self.client, self.operator, "clients.end_sessions", "end_sessions"
            ),
        }
