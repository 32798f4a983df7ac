"""The client's address, decided once and used by limits, password guessing and the log."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

FORWARDED_HEADERS = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_HOST",
    # Else whoever asks could have his deeds logged as parts of somebody else's request.
    "HTTP_X_REQUEST_ID",
)
IPV6_NETWORK = 64


class TrustForwardedHeaders:
    """Drop X-Forwarded-* and X-Request-ID unless they come from a proxy of TRUSTED_PROXIES.

    Everything behind this middleware may then believe the headers that are left.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        peer = _parse(request.META.get("REMOTE_ADDR", ""))
        if peer is None or not _trusted(peer):
            for header in FORWARDED_HEADERS:
                request.META.pop(header, None)
        return self.get_response(request)


def client_address(request: HttpRequest, *_: object) -> str:
    """The address of the client itself, or "" when there is none (a unix socket).

    X-Forwarded-For is read from the right, past trusted proxies only: whatever a client writes to
    the left of its own address buys it nothing.
    """
    peer = _parse(request.META.get("REMOTE_ADDR", ""))
    if peer is None:
        return ""
    if not _trusted(peer):
        return str(peer)
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    nearest = peer
    for hop in reversed(hops):
        address = _parse(hop.strip())
        if address is None:
            break
        nearest = address
        if not _trusted(address):
            break
    return str(nearest)


def counted(address: str) -> str:
    """The address as limits count it: of IPv6 the network, since one household has a whole /64."""
    parsed = _parse(address)
    if parsed is None or isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed or "")
    return str(ipaddress.ip_network((parsed, IPV6_NETWORK), strict=False).network_address)


def guessing_address(request: HttpRequest, *_: object) -> str:
    """The address by which django-axes counts wrong passwords."""
    return counted(client_address(request))


def address_block(address: str) -> str:
    """The /24 of an IPv4 or /48 of an IPv6 address: near enough to know a place by."""
    parsed = _parse(address)
    if parsed is None:
        return ""
    return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


def is_proxy(address: str) -> bool:
    """Whether it is one of TRUSTED_PROXIES, and so perhaps nobody's own."""
    parsed = _parse(address)
    return parsed is not None and _trusted(parsed)


def _trusted(address: Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parse(text: str) -> Address | None:
    try:
        # A link-local peer comes with the name of our interface, which is no part of its address.
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
