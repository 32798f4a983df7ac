"""The marked strings of Python files and templates, read as the interpreter and Django read them.

So that a test can tell what is missing in a catalogue, on a machine without gettext's programs.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation.template import templatize

from backoffice.development.catalogues.sources import ROOT, Source

_FUNCTION = re.compile(r"_|(?P<plural>n)?(?P<context>p)?gettext(?:_lazy|_noop)?")
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(?:_|n?p?gettext)\((?:{_LITERAL}|,|\s|count)*\)")


@dataclass(frozen=True, slots=True)
class Message:
    """`plural`: "" where the text has none."""

    text: str
    plural: str
    context: str
    path: str


def messages_of(source: Source) -> Iterator[Message]:
    for path in source.files():
        place = path.relative_to(ROOT).as_posix()
        text = path.read_text(encoding="utf-8")
        for call in _in_python(text, source.only) if path.suffix == ".py" else _in_template(text):
            if message := _message(call, place):
                yield message


def _in_python(text: str, only: frozenset[str]) -> Iterator[ast.Call]:
    yield from _calls(ast.parse(text), only, taken=not only)


def _calls(node: ast.AST, only: frozenset[str], *, taken: bool) -> Iterator[ast.Call]:
    taken = taken or not only.isdisjoint(_names(node))
    if taken and isinstance(node, ast.Call):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, only, taken=taken or _key_of(node, child) in only)


def _key_of(node: ast.AST, value: ast.AST) -> str:
    """The key under which a dictionary has the value."""
    pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
    return next((_constant(key) for key, held in pairs if held is value and key), "")


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.keyword):
        return [node.arg or ""]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        # `FAST, SLOW = …` too
        parts = (part for target in targets for part in ast.walk(target))
        return [part.id for part in parts if isinstance(part, ast.Name)]
    return []


def _in_template(text: str) -> Iterator[ast.Call]:
    """`templatize` leaves calls of gettext, as Python, and blanks out what stands around them."""
    for found in _CALL.finditer(templatize(text)):
        call = ast.parse(found[0], mode="eval").body
        if isinstance(call, ast.Call):
            yield call


def _message(call: ast.Call, place: str) -> Message | None:
    function = call.func
    name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
    marks = _FUNCTION.fullmatch(name)
    if marks is None:
        return None
    has_context, has_plural = bool(marks["context"]), bool(marks["plural"])
    words = [_constant(argument) for argument in call.args[: 1 + has_context + has_plural]]
    if not words or "" in words:
        return None  # a variable: its text is marked elsewhere
    context = words.pop(0) if has_context else ""
    return Message(words[0], words[1] if has_plural else "", context, place)


def _constant(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
