"""The message as the gateway takes it: an object of JSON, or fields, with placeholders in texts.

Placeholders are put into texts that are parsed already, and encoded afterwards: no number, sender
or text can end the field that it stands in.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http.lines import pairs
from smsproviders.backends.generic_http.placeholders import (
    Placeholder,
    Values,
    alone,
    filled,
    names_in,
)

DEEPEST = 20
_LEFT_OUT = object()


@dataclass(frozen=True, slots=True)
class Template:
    content: dict[str, Any]

    @property
    def names(self) -> set[str]:
        """Of the placeholders in its texts; in the names of fields they would stand for nothing."""
        return {name for text in _texts(self.content) for name in names_in(text)}

    def filled(self, values: Values) -> dict[str, Any]:
        """A field that is but an empty placeholder, as %FROM% without a sender, is left out."""
        done = _filled(self.content, values)
        return done if isinstance(done, dict) else {}


def of_json(text: str) -> Template:
    try:
        content = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValidationError(
            _("This is not JSON (%(reason)s). Write it as %(example)s."),
            params={"reason": error, "example": '{"to": "%TO%", "text": "%TEXT%"}'},
        ) from None
    if not isinstance(content, dict):
        raise ValidationError(_("The JSON must be an object: names and values in { }."))
    if _is_deeper(content, DEEPEST):
        raise ValidationError(_("The JSON is nested too deep."))
    return Template(content)


def of_lines(text: str) -> Template:
    return Template(pairs(text, between="=", example="to=%TO%"))


def _object(members: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(members)
    if len(content) != len(members):
        raise ValueError("a name stands twice in one object")
    return content


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for inner in _inside(node):
        yield from _texts(inner)


def _inside(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return list(node.values())
    return node if isinstance(node, list) else []


def _is_deeper(node: Any, levels: int) -> bool:
    return any(levels == 0 or _is_deeper(one, levels - 1) for one in _inside(node))


def _filled(node: Any, values: Values) -> Any:
    if isinstance(node, dict):
        done = {name: _filled(value, values) for name, value in node.items()}
        return {name: value for name, value in done.items() if value is not _LEFT_OUT}
    if isinstance(node, list):
        return [value for value in (_filled(one, values) for one in node) if value is not _LEFT_OUT]
    return _text(node, values) if isinstance(node, str) else node


def _text(text: str, values: Values) -> Any:
    name = alone(text)
    if name and values.get(name) == "":
        return _LEFT_OUT
    if name == Placeholder.TTL:
        return int(values[name])
    return filled(text, values)
