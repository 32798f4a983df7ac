"""`GET /holds/<client id>/`: whether another system should hold back a client's grave acts."""

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backoffice.common.bearer import has_token
from clients.models import Client
from twofa import holds
from twofa.holds import Hold


@require_safe
@never_cache
def client_hold(request: HttpRequest, client_id: int) -> JsonResponse:
    """Behind the bearer token HOLDS_TOKEN; without one set there is no such page."""
    if not settings.HOLDS_TOKEN:
        raise Http404
    if not has_token(request, settings.HOLDS_TOKEN):
        refused = JsonResponse({"error": "the bearer token is missing or wrong"}, status=401)
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    client = Client.objects.select_related("user").filter(pk=client_id).first()
    if client is None:
        return JsonResponse({"error": "there is no such client"}, status=404)
    return JsonResponse(as_json(client, holds.of(client.user)))


def as_json(client: Client, found: list[Hold]) -> dict[str, object]:
    """`until` is the end of the longest hold, in UTC; null when there is none."""
    return {
        "client": client.pk,
        "held": bool(found),
        "until": found[0].until.isoformat() if found else None,
        "reasons": [
            {"reason": hold.reason.value, "until": hold.until.isoformat()} for hold in found
        ],
    }
