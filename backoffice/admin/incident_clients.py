"""Whom an incident hit, for its page: masked numbers, whose they are, and who signed in since."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin import keyset
from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.display import Tone, chip
from backoffice.admin.log_names import Named
from backoffice.common.masking import mask_phone
from clients.models import User
from smsproviders.models import HitOutcome, Incident, IncidentNumber
from twofa.incident_people import Hit, has_recovered, hits_of

DIAGNOSE = "twofa.diagnose_client"


@dataclass(frozen=True, slots=True)
class HitRow:
    number: str
    owners: list[Named]
    at: datetime
    standing: SafeString


def context(request: HttpRequest, incident: Incident, reader: User) -> dict[str, Any]:
    """One page of them, the newest first; five queries at most."""
    rows = IncidentNumber.objects.filter(incident=incident, hit_at__isnull=False)
    place = keyset.place_of(request)
    shown = keyset.page(lambda span: span.cut(rows), place)
    return {
        "hits": [_row(hit, reader) for hit in hits_of(incident, shown.rows)],
        **keyset.links(request, shown, place),
    }


def _row(hit: Hit, reader: User) -> HitRow:
    at = hit.row.hit_at or hit.row.first_at
    return HitRow(
        number=mask_phone(hit.row.number),
        owners=[_named(user, reader) for user in hit.users],
        at=at,
        standing=_standing(hit, at),
    )


def _named(user: User, reader: User) -> Named:
    client = getattr(user, "client", None)
    if client is None:
        return Named(_("An operator"))
    if not reader.has_perm("clients.view_client"):
        return Named(_("Client %s") % f"#{client.pk}")
    tab = {"tab": SETTINGS} if reader.has_perm(DIAGNOSE) else {}
    return Named(client.name or user.email, address_of(client, **tab))


def _standing(hit: Hit, at: datetime) -> SafeString:
    """As it is now, not when the mail left."""
    if not hit.users:
        return chip(_("Account is gone"))
    if all(has_recovered(user, at) for user in hit.users):
        return chip(_("Signed in since"), Tone.OK)
    if hit.row.outcome == HitOutcome.TOLD:
        return chip(_("Told, not signed in"), Tone.WARN)
    return chip(_("Not signed in since"), Tone.WARN)
