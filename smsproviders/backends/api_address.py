"""Where a provider's API is: its own address, or another base that a setting names in its place."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error


class AddressRefused(Exception):
    """The setting names a host that credentials must not be sent to."""


@dataclass(frozen=True, slots=True)
class ApiAddress:
    """`url_setting` names the base address; `hosts_setting` the hosts it may have by https.

    An address of this machine needs no entry there.
    """

    provider: str
    url_setting: str
    hosts_setting: str
    check_id: str

    def rewritten(self, url: str) -> str:
        """The provider's own address, with scheme and host of the setting where that is set.

        A provider may have several hosts; behind the setting they are one.
        """
        named = self._named()
        if not named:
            return url
        if not self._allowed(named):
            raise AddressRefused
        base, asked = urlsplit(named), urlsplit(url)
        path = base.path.rstrip("/") + asked.path
        return urlunsplit((base.scheme, base.netloc, path, asked.query, ""))

    def problems(self) -> list[CheckMessage]:
        """What a system check says of the setting."""
        named = self._named()
        if not named or self._allowed(named):
            return []
        return [
            Error(
                f"{self.url_setting} would send the {self.provider} credentials to a host that is "
                "not allowed.",
                hint="Use an address of this machine (http://127.0.0.1:…), or name the host in "
                f"{self.hosts_setting} and use https.",
                id=self.check_id,
            )
        ]

    def _named(self) -> str:
        return str(getattr(settings, self.url_setting))

    def _allowed(self, url: str) -> bool:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.username or parts.password:
            return False
        listed = host in getattr(settings, self.hosts_setting)
        return _loopback(host) or (parts.scheme == "https" and listed)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
