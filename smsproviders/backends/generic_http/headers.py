"""The headers of a request: those that the operator writes, and the one that signs in."""

import re
from base64 import b64encode
from collections.abc import Mapping
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http.lines import pairs
from smsproviders.backends.generic_http.placeholders import (
    Placeholder,
    Values,
    filled,
    refuse_unknown,
)

# The text of a message has line breaks and letters that no header can hold.
IN_HEADERS = frozenset(Placeholder) - {Placeholder.TEXT}
# What the connection itself says; set by hand, they would say something else than is so.
OF_THE_CONNECTION = frozenset(
    {
        "accept-encoding", "connection", "content-encoding", "content-length", "expect", "host",
        "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip

_NAME = re.compile(r"[A-Za-z0-9!#$&'*+.^_`|~-]{1,100}\Z")


class Auth(StrEnum):
    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"
    HEADER = "header"


def clean_name(name: str) -> str:
    if not _NAME.match(name) or name.lower() in OF_THE_CONNECTION:
        raise ValidationError(
            _("“%(name)s” is no name of a header that can be set here."), params={"name": name[:60]}
        )
    return name


def parse(text: str) -> dict[str, str]:
    found = pairs(text, between=":", example="X-Api-Version: 2")
    if len({name.lower() for name in found}) < len(found):
        raise ValidationError(_("A header stands here twice, in different letters."))
    for name, value in found.items():
        clean_name(name)
        refuse_unknown(value, known=IN_HEADERS)
        if not value.isprintable():
            raise ValidationError(_("A header holds no tabs and no signs that cannot be seen."))
    return found


def filled_in(headers: Mapping[str, str], values: Values) -> dict[str, bytes]:
    return {name: _encoded(filled(value, values)) for name, value in headers.items()}


def signing_in(auth: Auth, *, user: str, header: str, secret: str) -> dict[str, bytes]:
    match auth:
        case Auth.BASIC:
            pair = b64encode(f"{user}:{secret}".encode()).decode()
            return {"Authorization": _encoded(f"Basic {pair}")}
        case Auth.BEARER:
            return {"Authorization": _encoded(f"Bearer {secret}")}
        case Auth.HEADER:
            return {header: _encoded(secret)}
        case Auth.NONE:
            return {}


def _encoded(value: str) -> bytes:
    """Without line breaks and the like: whatever was put in, it stays this one header's value."""
    return "".join(sign for sign in value if sign.isprintable()).strip().encode()
