"""From the search to the client: nobody with an angry client on the phone presses a third time.

Who may diagnose gets to *Why no codes?* by the name in the list, and at once when nobody else was
meant; a reference that the client reads out leads to what was wrong at its moment.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backoffice.admin.client_display import GENERAL, SETTINGS, address_of
from backoffice.admin.diagnosis_section import PERMISSION
from clients.models import Client
from twofa.diagnosis import moments
from twofa.diagnosis.words import clock

SEARCH = "q"


class ClientList(ChangeList):
    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.may_diagnose = request.user.has_perm(PERMISSION)
        super().__init__(request, *args, **kwargs)

    def url_for_result(self, result: Any) -> str:
        return address_of(result, SETTINGS if self.may_diagnose else GENERAL)


def address_of_only(request: HttpRequest, answer: HttpResponse) -> str:
    """Where a search leads that found exactly one client; "" to show the list.

    With a filter chosen too, the list is what was asked for.
    """
    found = getattr(answer, "context_data", None) or {}
    shown = found.get("cl")
    if shown is None or set(request.GET) != {SEARCH} or not request.GET[SEARCH].strip():
        return ""
    moment = moments.of(request.GET[SEARCH])
    if moment and moment.user_id is None:
        words = _("A sign-in at %(time)s with an e-mail address that no client has.")
        messages.info(request, words % {"time": clock(moment.at)})
    if shown.result_count != 1:
        return ""
    client: Client = shown.result_list[0]
    address = str(shown.url_for_result(client))
    if shown.may_diagnose and moment and moment.user_id == client.user_id and moment.is_over:
        return f"{address}?{urlencode({'at': moment.reference})}"
    return address
