"""Where something stands in an answer: `id`, `data.id`, `messages[0].id`, `["a.b"].id`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 200

_STEP = re.compile(
    r"""\.(?P<name>[^.\[\]"'\s=$]+)   # .messages
      | \[(?P<place>\d{1,4})\]        # [0]
      | \["(?P<quoted>[^"]{1,100})"\] # ["a.b"]
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """`text` as written: the name of the field, where the answer or report is a form."""

    text: str
    steps: tuple[str | int, ...]

    def find(self, document: Any) -> Any:
        """What stands there; None where nothing does."""
        found = document
        for step in self.steps:
            if isinstance(step, int):
                found = found[step] if isinstance(found, list) and step < len(found) else None
            else:
                found = found.get(step) if isinstance(found, dict) else None
        return found

    def text_in(self, document: Any) -> str:
        """As text, if it is a text, a number or a truth value; else ""."""
        found = self.find(document)
        match found:
            case bool():
                return "true" if found else "false"
            case str():
                return found.strip()
            case int() | Decimal():
                return str(found)
            case _:
                return ""

    def field_in(self, form: Mapping[str, str]) -> str:
        return form.get(self.text, "").strip()


def parse_path(text: str) -> JsonPath:
    """ValidationError with the right way to write it."""
    rest = text.removeprefix("$")
    rest = rest if rest.startswith((".", "[")) else f".{rest}"
    steps: list[str | int] = []
    while rest:
        found = _STEP.match(rest)
        if found is None or len(text) > LONGEST:
            raise ValidationError(
                _(
                    "“%(path)s” is no path. Write it as messages[0].id: a dot between names, the "
                    "place in a list in brackets, beginning with 0."
                ),
                params={"path": text[:60]},
            )
        name = found["name"] or found["quoted"]
        steps.append(name if name else int(found["place"]))
        rest = rest[found.end() :]
    return JsonPath(text, tuple(steps))
