"""Clients on the first page: how many are in trouble now. Counted by index, and never far."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.admin import not_back_yet
from backoffice.admin.client_filters import TROUBLE_WITHIN
from backoffice.admin.display import Words
from clients.models import Client
from twofa import lost_device
from twofa.models import SupportRequest, VerificationState

COUNTED = 999


@dataclass(frozen=True, slots=True)
class Figure:
    """`is_more`: there are more than could be counted."""

    number: int
    words: Words
    address: str
    is_more: bool = False


def figures() -> list[Figure]:
    """Three queries."""
    at = timezone.now()
    locked = VerificationState.objects.filter(
        Q(locked_until__gt=at) | Q(hard_locked_at__isnull=False), user__client__isnull=False
    )
    troubled = Client.objects.filter(last_trouble_at__gte=at - TROUBLE_WITHIN)
    listed = reverse("admin:clients_client_changelist")
    out, is_sample = not_back_yet.count(within=TROUBLE_WITHIN)
    return [
        _figure(_counted(locked), _("locked after wrong codes"), reverse("admin:blocked_clients")),
        _figure(
            _counted(troubled), _("with trouble in the last 24 hours"), f"{listed}?trouble=day"
        ),
        _figure(
            out,
            _("of them not signed in since"),
            reverse("admin:not_back_yet"),
            is_more=is_sample,
        ),
    ]


def lost_devices() -> Figure | None:
    """Clients without device whose answer is late; one query, None when there is none."""
    number = _counted(lost_device.overdue(timezone.now()))
    words = _("clients without device wait too long")
    return _figure(number, words, reverse("admin:lost_devices")) if number else None


def _counted(
    rows: QuerySet[VerificationState] | QuerySet[Client] | QuerySet[SupportRequest],
) -> int:
    return rows.order_by().values("pk")[: COUNTED + 1].count()


def _figure(number: int, words: Words, address: str, *, is_more: bool = False) -> Figure:
    return Figure(min(number, COUNTED), words, address, is_more or number > COUNTED)
