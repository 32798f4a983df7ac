"""Sessions of a client, and the browsers he trusts: where he is signed in, and ending it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.admin.client_display import SESSIONS
from backoffice.admin.client_tabs import ClientTab, act_address
from clients.models import User, UserSession
from twofa import trusted_browsers
from twofa.models import TrustedBrowser
from twofa.views.browsers import name_of

SHOWN = 50


class SessionsTab(ClientTab):
    key = SESSIONS
    words = _("Sessions")
    permission = "clients.view_usersession"
    template = "admin/clients/client/sessions.html"

    def context(self) -> dict[str, Any]:
        user = self.client.user
        rows = UserSession.objects.filter(user=user)[:SHOWN]
        browsers = TrustedBrowser.objects.filter(user=user)[:SHOWN]
        return {
            "sessions": [(row, name_of(row.browser), row.ended_at is None) for row in rows],
            "trusted": [_trusted(user, row) for row in browsers],
            "end_address": act_address(
                self.client, self.operator, "clients.end_sessions", "end_sessions"
            ),
        }


def _trusted(user: User, row: TrustedBrowser) -> dict[str, Any]:
    return {
        "row": row,
        "name": name_of(row.browser),
        "until": trusted_browsers.ends_at(row),
        "is_live": trusted_browsers.is_live(user, row),
    }
