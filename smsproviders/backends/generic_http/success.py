"""How an answer says that the gateway took the message: by its HTTP status, or by what is in it."""

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http.paths import JsonPath, parse_path

_STATUS = re.compile(r"(?:[23]xx|[23]\d\d)\Z")


@dataclass(frozen=True, slots=True)
class Condition:
    """`path = value`, or one of several with | between."""

    path: JsonPath
    values: frozenset[str]

    def holds(self, document: Any) -> bool:
        return self.path.text_in(document).casefold() in self.values


def parse_statuses(text: str) -> frozenset[int]:
    """`2xx`, or statuses with commas between; ValidationError for anything else."""
    found: set[int] = set()
    for part in filter(None, text.lower().replace(",", " ").split()):
        if not _STATUS.match(part):
            raise ValidationError(
                _("Write the statuses as 2xx, or as 200, 202; “%(part)s” is none of success."),
                params={"part": part[:20]},
            )
        first = int(part.replace("x", "0"))
        found.update(range(first, first + 100) if part.endswith("xx") else [first])
    return frozenset(found)


def parse_condition(text: str) -> Condition | None:
    """None for an empty text."""
    if not text:
        return None
    path, sign, values = (part.strip() for part in text.partition("="))
    wanted = frozenset(part.strip().casefold() for part in values.split("|")) - {""}
    if not sign or not wanted:
        raise ValidationError(_("Write it as status = ok, with | between several right values."))
    return Condition(parse_path(path), wanted)
