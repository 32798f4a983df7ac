"""The first page's numbers: whether something is wrong now. Counted by index, and never far."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.admin.client_filters import TROUBLE_WITHIN
from clients.models import Client
from twofa.models import VerificationState

Words = str | Promise
Row = TypeVar("Row", bound=Model)
COUNTED = 999


@dataclass(frozen=True, slots=True)
class Figure:
    number: int
    words: Words
    address: str
    is_more: bool = False  # than could be counted


def figures(request: HttpRequest) -> list[Figure]:
    if not request.user.has_perm("clients.view_client"):
        return []
    at = timezone.now()
    locked = VerificationState.objects.filter(
        Q(locked_until__gt=at) | Q(hard_locked_at__isnull=False)
    )
    troubled = Client.objects.filter(last_trouble_at__gte=at - TROUBLE_WITHIN)
    listed = reverse("admin:clients_client_changelist")
    return [
        _figure(locked, _("locked after wrong codes"), reverse("admin:blocked_clients")),
        _figure(troubled, _("with trouble in the last 24 hours"), f"{listed}?trouble=day"),
    ]


def _figure(rows: QuerySet[Row], words: Words, address: str) -> Figure:
    number = rows.order_by().values("pk")[: COUNTED + 1].count()
    return Figure(min(number, COUNTED), words, address, is_more=number > COUNTED)
