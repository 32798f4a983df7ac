"""A browser and its place in words that people know them by."""

import ipaddress

from django.utils.translation import gettext as _

from backoffice.common.addresses import address_block
from twofa.browser_family import family_of


def name_of(user_agent: str) -> str:
    found = family_of(user_agent)
    if found.browser and found.system:
        return _("%(browser)s on %(system)s") % {
            "browser": found.browser,
            "system": found.system,
        }
    return found.browser or found.system or _("Unknown browser")


def place_of(address: str) -> str:
    """The network of an address or block, as `203.0.113.x` or `2001:db8:12:x`; "" for none.

    Enough to tell home from elsewhere. Where on earth it is, only a database of others could guess.
    """
    block = address_block(address.partition("/")[0])
    if not block:
        return ""
    network = ipaddress.ip_network(block)
    if network.version == 4:
        return f"{str(network.network_address).rpartition('.')[0]}.x"
    groups = network.network_address.exploded.split(":")[:3]
    return ":".join([*(group.lstrip("0") or "0" for group in groups), "x"])
