"""The HTML of a notice, made from its text: the two cannot say different things.

The text is the subject, an empty line, and paragraphs with an empty line between. A line that is an
address of ours becomes a button, lines that begin with "- " a list.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.conf import settings
from django.template.loader import render_to_string

from twofa.policy_keys import SERVICE_NAME

TEMPLATE = "twofa/notice.html"
_ITEM = "- "
_GAPS = re.compile(r"\n\s*\n")  # empty lines, one or several


@dataclass(frozen=True, slots=True)
class Block:
    """One of the three. `lines` of a paragraph, `points` of a list, `link` of a button."""

    lines: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    link: str = ""


def subject_and_body(text: str) -> tuple[str, str]:
    """The subject in one line, whatever was put into it: a header takes no second one."""
    subject, _, body = text.strip().partition("\n")
    return " ".join(subject.split()), _GAPS.sub("\n\n", body.strip()) + "\n"


def html_of(text: str) -> str:
    """In the language that is active."""
    subject, body = subject_and_body(text)
    service = SERVICE_NAME()
    context = {"service": service, "title": _title(subject, service), "blocks": list(_blocks(body))}
    return render_to_string(TEMPLATE, context)


def _title(subject: str, service: str) -> str:
    """Without the name of the service, which stands above it; at the end in Arabic, so that mail
    programs write the subject from the right."""
    subject = subject.removesuffix(f" \u2013 {service}")
    before, colon, after = subject.partition(":")
    title = after.strip() if colon and before.strip() == service else subject
    return title[:1].upper() + title[1:]


def _blocks(body: str) -> Iterator[Block]:
    for paragraph in _GAPS.split(body.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        for kind, same in groupby(filter(None, lines), key=_kind):
            yield from _as_blocks(kind, tuple(same))


def _kind(line: str) -> str:
    if line.startswith(_ITEM):
        return "points"
    # No address of others becomes a button, whoever brought it into the text.
    return "link" if _is_ours(line) else "lines"


def _is_ours(line: str) -> bool:
    return line.startswith(f"{settings.PUBLIC_URL}/") and not re.search(r"\s", line)


def _as_blocks(kind: str, lines: tuple[str, ...]) -> Iterator[Block]:
    if kind == "link":
        yield from (Block(link=line) for line in lines)
    elif kind == "points":
        yield Block(points=tuple(line.removeprefix(_ITEM).strip() for line in lines))
    else:
        yield Block(lines=lines)
