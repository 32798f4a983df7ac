"""What a page of the clients weighs on its way to a browser that was never here before."""

import gzip
import re
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.staticfiles import finders

from backoffice.bundles import bundle
from tests.client_pages.visits import Answer

MOST_BYTES = 30 * 1024
MOST_REQUESTS = 4
_LOADED = re.compile(r"""<(?:link|script|img|iframe|source)\b[^>]*?\b(?:href|src)="([^"]+)\"""")
_IN_A_SHEET = re.compile(r"@import|url\(")


@dataclass
class Weight:
    """Bytes after gzip. `requests`: the page itself and all it loads."""

    html: int = 0
    css: int = 0
    js: int = 0
    other: int = 0
    requests: int = 1
    foreign: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.html + self.css + self.js + self.other


def weight_of(answer: Answer) -> Weight:
    weight = Weight(html=len(gzip.compress(answer.html.encode())))
    for address in dict.fromkeys(_LOADED.findall(answer.html)):
        weight.requests += 1
        if address.startswith("/bundle/"):
            kind = address.rpartition(".")[2]
            found = bundle(kind)
            setattr(weight, kind, getattr(weight, kind) + len(found.compressed))
            _add_of_sheet(weight, found.content.decode())
        elif address.startswith("/static/"):
            file = Path(str(finders.find(address.removeprefix("/static/"))))
            weight.other += len(gzip.compress(file.read_bytes()))
        else:
            weight.foreign.append(address)
    return weight


def _add_of_sheet(weight: Weight, text: str) -> None:
    """A sheet that loads something is one more request: counted, and found by the tests."""
    weight.requests += len(_IN_A_SHEET.findall(text))
