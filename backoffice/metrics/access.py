"""Who may read the figures: whoever has the token, or asks from an allowed address."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from backoffice.common.addresses import client_address, is_proxy
from backoffice.common.bearer import has_token


def is_set_up() -> bool:
    """Without either there is no such page."""
    return bool(settings.METRICS_TOKEN or settings.METRICS_ALLOWED)


def may_read(request: HttpRequest) -> bool:
    return has_token(request, settings.METRICS_TOKEN) or _is_allowed(client_address(request))


def _is_allowed(address: str) -> bool:
    """A trusted proxy itself never is: one that does not say for whom it asks would open the page
    to everybody behind it. Nor is who has no address (a unix socket)."""
    if not address or is_proxy(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in settings.METRICS_ALLOWED)
