"""Browsers and addresses from which a client was signed in before: whether a try was his own."""

import ipaddress
import re
from collections.abc import Iterable, Sequence

from backoffice.common.addresses import counted
from clients.models import UserSession
from twofa.models import CodeAttempt

_NUMBERS = re.compile(r"[\d._]+")


def is_known(row: CodeAttempt, sessions: Iterable[UserSession]) -> bool:
    """By browser or by address: a phone changes its address often, a desk its browser seldom."""
    return any(
        _same(_address(row.address), _address(one.address))
        or _same(_browser(row.browser), _browser(one.browser))
        for one in sessions
    )


def is_strange(row: CodeAttempt, sessions: Sequence[UserSession]) -> bool:
    """Where nothing is known of either side, nobody is a stranger."""
    tells = bool(_address(row.address) or _browser(row.browser))
    return tells and bool(sessions) and not is_known(row, sessions)


def _same(one: str, other: str) -> bool:
    return bool(one) and one == other


def _address(text: str | None) -> str:
    """As limits count it; "" for this machine's own, which is everybody's behind a proxy."""
    found = counted(text or "")
    return "" if found and ipaddress.ip_address(found).is_loopback else found


def _browser(text: str) -> str:
    """Without its versions, which change every few weeks."""
    return _NUMBERS.sub("", text).strip()
