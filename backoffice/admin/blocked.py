"""Security > Blocked clients: who cannot sign in now, why, until when, and what lets them in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.display import Tone, Words
from backoffice.admin.way_back import way_back
from clients import people
from clients.models import Client, ClientStatus, User
from twofa import locks, resets
from twofa.people import signed_in

# Of each kind, the newest: a list to work through, not a table of millions.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Blocked:
    """One reason why one client cannot sign in. `until` None: no end by itself."""

    client: Client
    why: Words
    tone: Tone
    since: datetime | None
    until: datetime | None
    act: Words = ""
    address: str = ""
    is_post: bool = False


@require_safe
def blocked_clients(request: HttpRequest) -> HttpResponse:
    operator = signed_in(request)
    if not operator.has_perm("clients.view_client"):
        raise PermissionDenied
    rows = [*_by_codes(operator), *_by_password(operator), *_by_operator(operator)]
    context = {
        **admin.site.each_context(request),
        "title": _("Blocked clients"),
        "trail": [(_("Security"), "")],
        "rows": rows,
        "shown": SHOWN,
    }
    return TemplateResponse(request, "admin/clients/client/blocked.html", context)


@require_POST
def unblock_password(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the wrong passwords of this client, so that the right one is taken again."""
    client = get_object_or_404(Client.objects.select_related("user"), pk=pk)
    people.forgive_passwords(client, operator=signed_in(request))
    messages.success(request, _("Passwords of %(client)s are taken again.") % {"client": client})
    return HttpResponseRedirect(way_back(request) or reverse("admin:blocked_clients"))


def _by_codes(operator: User) -> Iterator[Blocked]:
    at = timezone.now()
    locked = (
        locks.locked_now(at=at)
        .filter(user__client__isnull=False)
        .select_related("user__client")
        .order_by("-last_failure_at")[:SHOWN]
    )
    for state in locked:
        client = state.user.client
        client.user = state.user
        hard = state.hard_locked_at is not None
        may = resets.may_unlock(operator, state.user, hard=hard)
        yield Blocked(
            client=client,
            why=_("%(count)d wrong codes") % {"count": state.failures},
            tone=Tone.BAD if hard else Tone.WARN,
            since=state.hard_locked_at or state.last_failure_at,
            until=None if state.hard_locked_at else state.locked_until,
            act=gettext_lazy("Unlock") if may else gettext_lazy("Open"),
            address=reverse("admin:clients_client_unlock", args=[client.pk])
            if may
            else address_of(client, SETTINGS),
        )


def _by_password(operator: User) -> Iterator[Blocked]:
    cool_off = timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=timezone.now() - cool_off,
    ).order_by("-attempt_time")[:SHOWN]
    newest = {attempt.username: attempt for attempt in reversed(attempts)}
    clients = Client.objects.filter(user__email__in=newest).select_related("user")
    may = operator.has_perm("clients.block_client")
    for client in clients:
        attempt = newest[client.user.email]
        yield Blocked(
            client=client,
            why=gettext_lazy("wrong passwords"),
            tone=Tone.WARN,
            since=attempt.attempt_time,
            until=attempt.attempt_time + cool_off,
            act=gettext_lazy("Unblock") if may else gettext_lazy("Open"),
            address=reverse("admin:clients_client_forgive", args=[client.pk])
            if may
            else address_of(client),
            is_post=may,
        )


def _by_operator(operator: User) -> Iterator[Blocked]:
    may = operator.has_perm("clients.block_client")
    blocked = Client.objects.filter(status=ClientStatus.BLOCKED).select_related("user")
    for client in blocked.order_by("-id")[:SHOWN]:
        yield Blocked(
            client=client,
            why=gettext_lazy("an operator"),
            tone=Tone.BAD,
            since=None,
            until=None,
            act=gettext_lazy("Unblock") if may else gettext_lazy("Open"),
            address=reverse("admin:clients_client_block", args=[client.pk])
            if may
            else address_of(client),
        )
