"""What stands for the message in an operator's template: %TO%, %TEXT% and the like."""

import re
from collections.abc import Mapping
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smsproviders.contract import OutgoingSms


class Placeholder(StrEnum):
    TO = "TO"
    TO_DIGITS = "TO_DIGITS"
    FROM = "FROM"
    TEXT = "TEXT"
    ID = "ID"
    CALLBACK = "CALLBACK"
    TTL = "TTL"
    SECRET = "SECRET"  # noqa: S105 - the name of a placeholder


Values = Mapping[str, str]

_WRITTEN = re.compile(r"%([A-Z]+(?:_[A-Z]+)*)%")
_ALONE = re.compile(rf"(?:{_WRITTEN.pattern})\Z")


def values_of(sms: OutgoingSms, *, secret: str) -> dict[str, str]:
    left = (sms.expires_at - timezone.now()).total_seconds()
    return {
        Placeholder.TO: sms.to,
        Placeholder.TO_DIGITS: sms.to.removeprefix("+"),
        Placeholder.FROM: sms.sender,
        Placeholder.TEXT: sms.body,
        Placeholder.ID: str(sms.attempt_id),
        Placeholder.CALLBACK: sms.callback_url,
        Placeholder.TTL: str(max(1, int(left))),
        Placeholder.SECRET: secret,
    }


def names_in(text: str) -> set[str]:
    return set(_WRITTEN.findall(text))


def alone(text: str) -> str:
    """The placeholder that the text is, and nothing else; "" when it is not one."""
    found = _ALONE.match(text)
    return found[1] if found else ""


def filled(text: str, values: Values) -> str:
    """In one pass: a placeholder in what is put in, as in an SMS text, stays as it is."""
    return _WRITTEN.sub(lambda found: values.get(found[1], found[0]), text)


def refuse_unknown(text: str, *, known: frozenset[Placeholder]) -> None:
    """ValidationError that names the placeholders that may stand here."""
    unknown = sorted(names_in(text) - known)
    if unknown:
        raise ValidationError(
            _("%(unknown)s is no placeholder here. There are: %(known)s."),
            params={
                "unknown": f"%{unknown[0]}%",
                "known": ", ".join(f"%{one}%" for one in Placeholder if one in known),
            },
        )
