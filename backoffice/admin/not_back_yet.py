"""Security > Not back yet: who failed, and has not signed in since.

Of the last week, the newest first, by the index of the last trouble. Most who fail are in again
soon, so a page looks at so many at most, and then says how far back it looked.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.display import Words
from backoffice.admin.verdict_words import verdict_words
from clients.models import Client, ClientStatus
from twofa.models import VerdictShown
from twofa.people import signed_in

SPAN = timedelta(days=7)
# Who failed just now may be about to type the next code.
SETTLED = timedelta(minutes=5)
PAGE = 50
LOOKED_AT = 2_000
# For a mere number.
SAMPLE = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """`verdict`: the last one that an operator was shown since, or ""."""

    client: Client
    address: str
    verdict: Words
    shown_at: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """`older`: where to go on from. `looked_to`: why the page is not full; None: all were seen."""

    rows: list[Row]
    older: datetime | None = None
    looked_to: datetime | None = None


@require_safe
def not_back_yet(request: HttpRequest) -> HttpResponse:
    operator = signed_in(request)
    if not operator.has_perm("clients.view_client"):
        raise PermissionDenied
    before = _moment(request.GET.get("before", ""))
    context = {
        **admin.site.each_context(request),
        "title": _("Failed, and not signed in since"),
        "trail": [(_("Security"), "")],
        "page": page(before),
        "is_newest": before is None,
        "may_diagnose": operator.has_perm("twofa.diagnose_client"),
        "minutes": int(SETTLED.total_seconds() // 60),
        "days": SPAN.days,
    }
    return TemplateResponse(request, "admin/clients/client/not_back_yet.html", context)


def count(*, within: timedelta) -> tuple[int, bool]:
    """How many there are, and whether there may be more. One query."""
    troubled = _troubled(timezone.now() - within)
    looked_at = troubled.order_by("-last_trouble_at").values("pk")[:SAMPLE]
    found = _out(Client.objects.filter(pk__in=looked_at)).order_by()
    number = found.count()
    return number, number > 0 and _is_cut(troubled)


def page(before: datetime | None) -> Page:
    """Two queries."""
    troubled = _troubled(timezone.now() - SPAN)
    if before is not None:
        troubled = troubled.filter(last_trouble_at__lt=before)
    moments = troubled.order_by("-last_trouble_at").values_list("last_trouble_at", flat=True)
    edge = next(iter(moments[LOOKED_AT : LOOKED_AT + 1]), None)
    if edge is not None:
        troubled = troubled.filter(last_trouble_at__gt=edge)
    found = list(_with_verdict(_out(troubled)).order_by("-last_trouble_at", "-pk")[: PAGE + 1])
    is_cut = len(found) > PAGE
    rows = [_row(client) for client in found[:PAGE]]
    if is_cut:
        return Page(rows, older=found[PAGE - 1].last_trouble_at)
    return Page(rows, older=edge, looked_to=edge)


def _is_cut(troubled: QuerySet[Client]) -> bool:
    moments = troubled.order_by("-last_trouble_at").values_list("pk")
    return bool(moments[SAMPLE : SAMPLE + 1])


def _troubled(since: datetime) -> QuerySet[Client]:
    return Client.objects.filter(
        last_trouble_at__gte=since, last_trouble_at__lte=timezone.now() - SETTLED
    )


def _out(clients: QuerySet[Client]) -> QuerySet[Client]:
    """Who could sign in, and did not, nor had a code taken. Others stand under Blocked clients."""
    trouble = F("last_trouble_at")
    never = Q(user__verification_state__last_success_at__isnull=True)
    not_since = Q(user__verification_state__last_success_at__lt=trouble)
    return clients.filter(
        Q(user__last_login__isnull=True) | Q(user__last_login__lt=trouble),
        never | not_since,
        status=ClientStatus.ACTIVE,
        user__is_active=True,
    )


def _with_verdict(clients: QuerySet[Client]) -> QuerySet[Any]:
    shown = VerdictShown.objects.filter(
        user=OuterRef("user"), shown_at__gte=OuterRef("last_trouble_at")
    ).order_by("-shown_at")
    return clients.select_related("user").annotate(
        verdict=Subquery(shown.values("verdict")[:1]),
        verdict_shown_at=Subquery(shown.values("shown_at")[:1]),
    )


def _row(client: Any) -> Row:
    words = verdict_words(client.verdict) if client.verdict else ""
    return Row(client, address_of(client, SETTINGS), words, client.verdict_shown_at)


def _moment(text: str) -> datetime | None:
    """As an address of this list has it; None for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo else None
