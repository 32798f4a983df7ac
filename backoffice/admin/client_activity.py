"""Activity of a client: sign-ins, codes, changes, what operators did, and the e-mails about it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.admin import keyset
from backoffice.admin.client_activity_rows import rows_of
from backoffice.admin.client_activity_search import ActivityForm, search
from backoffice.admin.client_display import ACTIVITY
from backoffice.admin.client_tabs import ClientTab
from backoffice.admin.model_admin import MAY_READ_LOGS


class ActivityTab(ClientTab):
    key = ACTIVITY
    words = _("Activity")
    # What the diagnosis reads and tells, in full.
    permission = "twofa.diagnose_client"
    template = "admin/clients/client/activity.html"

    def context(self) -> dict[str, Any]:
        form = ActivityForm(self.request.GET)
        place = keyset.place_of(self.request)
        shown = search(self.client.user, form, place)
        return {
            "form": form,
            "rows": rows_of(shown.rows, self.client, reader=self.operator),
            "looked_to": shown.looked_to,
            "is_filtered": any(self.request.GET.get(name) for name in form.fields),
            "clear": self.request.path,
            "shows_personal": self.operator.has_perm(MAY_READ_LOGS),
            **keyset.links(self.request, shown, place),
        }
