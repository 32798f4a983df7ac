"""Operators are told when a client denies a lost-device request, and when an answer is late."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.alerts.operators import Alert, tell_operators
from backoffice.common import advisory_locks
from twofa import lost_device
from twofa.models import SupportRequest
from twofa.signals import lost_device_denied

DESK = "twofa.disable_factor"


def connect() -> None:
    lost_device_denied.connect(on_denied, dispatch_uid="backoffice.alerts")


def on_denied(request: SupportRequest, **_more: Any) -> None:
    was_done = request.answered_at is not None
    alert = Alert(
        about=_("Security"),
        title=_("a client says: this was not me (lost device)"),
        what=_(
            "A request to switch off the second factor was denied by the client AFTER it was done. "
            "Every session of the client was ended."
        )
        if was_done
        else _(
            "Somebody who knows the client's password asked support to switch the second factor "
            "off. The client denied it, and the request is stopped."
        ),
        to_do=_(
            "Block the client until you reached the client by a way you trust, and look at the "
            "activity since the reset."
        )
        if was_done
        else _("Warn the client by a way you trust: the password must be changed."),
        since=request.denied_at or request.at,
        path=reverse("admin:lost_device", args=[request.pk]),
    )
    tell_operators(DESK, alert)


@transaction.atomic
def tell_overdue() -> int:
    """Once for each answer that is late, all in one e-mail; how many. Two at once tell once."""
    at = timezone.now()
    late = lost_device.overdue(at).filter(told_overdue_at=None)
    if not late.exists():
        return 0
    advisory_locks.hold("telling of late answers to lost devices")
    rows = list(late.order_by("due_at"))
    if not rows:
        return 0
    alert = Alert(
        about=_("Security desk"),
        title=_("a client without device waits too long"),
        what=_("The answer that we promised is late."),
        to_do=_("Open the list, and answer what is marked as overdue."),
        since=rows[0].due_at,
        path=reverse("admin:lost_devices"),
    )
    tell_operators(DESK, alert)
    return SupportRequest.objects.filter(pk__in=[row.pk for row in rows]).update(told_overdue_at=at)
