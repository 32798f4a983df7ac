"""Operators are told when a client says "this was not me", and what is asked of the desk."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.alerts.operators import Alert, tell_operators
from twofa.models import Approval, DeskRequest
from twofa.signals import caller_denied, desk_asked
from twofa.vocabulary import OperatorAct

DESK = "twofa.disable_factor"


def connect() -> None:
    caller_denied.connect(on_denied, dispatch_uid="backoffice.alerts")
    desk_asked.connect(on_asked, dispatch_uid="backoffice.alerts")


def on_denied(approval: Approval, **_more: Any) -> None:
    client = getattr(approval.user, "client", None)
    page = ("admin:clients_client_settings", [client.pk]) if client else ("admin:index", [])
    alert = Alert(
        about=_("Security"),
        title=_("a client says: this was not me"),
        what=_(
            "Somebody called support in a client's name. The client was asked, and denied it. "
            "Nothing is done for callers of this client for a day, or until the client shows a "
            "support PIN."
        ),
        to_do=_(
            "Look at the client's activity, warn the client by a way you trust, and see what else "
            "this caller asked for."
        ),
        since=approval.answered_at or approval.at,
        path=reverse(page[0], args=page[1]),
    )
    tell_operators(DESK, alert)


def on_asked(request: DeskRequest, **_more: Any) -> None:
    alert = Alert(
        about=_("Security desk"),
        title=OperatorAct(request.act).label,
        what=_("The first line asks for this, for a client who is waiting."),
        to_do=_("Open the request: do it, or decline it with a reason."),
        since=request.at,
        path=reverse("admin:desk_requests"),
    )
    tell_operators(DESK, alert)
