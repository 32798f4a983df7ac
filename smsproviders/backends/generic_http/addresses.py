"""Where a gateway may be: on the internet by https, or where the deployment's settings say.

An operator writes the address, and our workers call it from inside the network: without these rules
the page would reach whatever stands there (server-side request forgery). The check is made twice,
when the settings are saved and at each new connection, which leads to the very addresses checked.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.bounded_http import Destination, NotAllowed, addresses_of
from smsproviders.contract import Deadline

LONGEST = 500
LOOK_UP_SECONDS = 2.0
PORTS = {"https": 443, "http": 80}

# https://www.iana.org/assignments/iana-ipv4-special-registry, with what the registry does not know:
# the address under which Azure's machines find their own metadata and keys.
_CLOSED = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
        # https://www.iana.org/assignments/iana-ipv6-special-registry, within global unicast:
        # tunnels that hold an IPv4 address, documentation, and protocols' own.
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip
_GLOBAL_UNICAST = ip_network("2000::/3")
# Where a network has no IPv4, its translator makes these of the addresses that have no IPv6.
_TRANSLATED = ip_network("64:ff9b::/96")


def clean_url(text: str) -> str:
    """What can be told of an address without the network; ValidationError with the reason."""
    parts = _parts(text)
    if parts.username is not None or parts.password is not None:
        raise ValidationError(
            _("No user or password in the address: choose how to sign in, and give the secret.")
        )
    if "#" in text:
        raise ValidationError(_("An address with # in it is for a browser: leave that part out."))
    host, port = str(parts.hostname), _port(parts)
    if parts.scheme != "https" and not is_listed(host, port):
        raise ValidationError(
            _(
                "Only https://. Without encryption an address must be one that whoever runs this "
                "service has named in HTTP_PROVIDER_ALLOWED_HOSTS."
            )
        )
    if _is_literal(host) and not (is_listed(host, port) or is_public(host)):
        raise _refusal(host)
    return text


def refuse_where_it_leads(url: str) -> None:
    """ValidationError when the name leads to an address that is not public.

    A name that cannot be looked up passes: this process may not know it, and the connection is
    checked anyway.
    """
    parts = urlsplit(url)
    host, port = str(parts.hostname), _port(parts)
    if is_listed(host, port):
        return
    try:
        addresses = addresses_of(host, port, deadline=Deadline.after(LOOK_UP_SECONDS))
    except (OSError, UnicodeError):
        return
    if not all(map(is_public, addresses)):
        raise _refusal(host)


def gate(destination: Destination) -> None:
    """For `BoundedHttp`. Every address must be public, not only the one that would be taken."""
    if is_listed(destination.host, destination.port):
        return
    if not destination.encrypted or not all(map(is_public, destination.addresses)):
        raise NotAllowed("address")


def is_listed(host: str, port: int) -> bool:
    """Whether the deployment's settings name it: with its port, or without for every port."""
    name = host.lower().rstrip(".")
    listed: list[tuple[str, int | None]] = settings.HTTP_PROVIDER_ALLOWED_HOSTS
    return (name, port) in listed or (name, None) in listed


def is_public(text: str) -> bool:
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        if address in _TRANSLATED:
            address = IPv4Address(address.packed[-4:])
        elif address not in _GLOBAL_UNICAST:
            # Among these the IPv4-mapped ones: a name has no reason to lead there.
            return False
    return not any(address in network for network in _CLOSED)


def _parts(text: str) -> SplitResult:
    words = _("Write an address as https://gateway.example.com/messages.")
    # Characters that different readers of an address understand differently.
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\"<>^`{|}'):
        raise ValidationError(words)
    try:
        parts = urlsplit(text)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        has_place = False
    if not has_place or parts.scheme not in PORTS or len(text) > LONGEST:
        raise ValidationError(words)
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme]


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _refusal(host: str) -> ValidationError:
    words = _(
        "%(host)s leads to an address that is not public, as of this machine or of the inner "
        "network. If the gateway is really there, whoever runs this service must name it in "
        "HTTP_PROVIDER_ALLOWED_HOSTS."
    )
    return ValidationError(words, params={"host": host})
