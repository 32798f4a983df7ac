"""Where Twilio's API is, and whether Twilio can reach us."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


class AddressRefused(Exception):
    """TWILIO_API_URL names a host that credentials must not be sent to."""


def rewritten(url: str) -> str:
    """The SDK's address, with scheme and host of TWILIO_API_URL where that is set.

    The SDK knows several hosts (api, messaging); behind TWILIO_API_URL they are one.
    """
    if not settings.TWILIO_API_URL:
        return url
    if not _allowed(settings.TWILIO_API_URL):
        raise AddressRefused
    base = urlsplit(settings.TWILIO_API_URL)
    asked = urlsplit(url)
    path = base.path.rstrip("/") + asked.path
    return urlunsplit((base.scheme, base.netloc, path, asked.query, ""))


@register
def twilio_api_url_is_allowed(app_configs: Any, **_: Any) -> list[CheckMessage]:
    if not settings.TWILIO_API_URL or _allowed(settings.TWILIO_API_URL):
        return []
    return [
        Error(
            "TWILIO_API_URL would send the Twilio credentials to a host that is not allowed.",
            hint="Use an address of this machine (http://127.0.0.1:…), or name the host in "
            "TWILIO_API_HOSTS and use https.",
            id="smsproviders.E001",
        )
    ]


def _allowed(url: str) -> bool:
    """This machine by any scheme; another one by https, and only when it is on the list."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.username or parts.password:
        return False
    return _loopback(host) or (parts.scheme == "https" and host in settings.TWILIO_API_HOSTS)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
