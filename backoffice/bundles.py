"""One style sheet and one script for the clients' pages, joined from their small files in memory.

So a page of theirs is four requests: itself, these two, and its icon. The address holds a digest of
the content, hence a browser asks once for each version. Answered before there is a session, whose
cookie has nothing to do with it. There is no build step: in development a changed file is seen at
the next look.
"""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound

PARTS = {
    "css": ("backoffice/tokens.css", "backoffice/pages.css"),
    "js": (
        "backoffice/times.js",
        "backoffice/copy.js",
        "twofa/countdown.js",
        "twofa/delivery.js",
        "twofa/idle.js",
    ),
}
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
# Of style sheets every comment; of scripts those that have lines of their own.
_COMMENTS = {
    "css": re.compile(r"/\*.*?\*/\s*", re.DOTALL),
    "js": re.compile(r"^\s*//.*\n", re.MULTILINE),
}
_ADDRESS = re.compile(r"/bundle/(?P<digest>[0-9a-f]{12})\.(?P<kind>css|js)")


@dataclass(frozen=True, slots=True)
class Bundle:
    address: str
    content: bytes
    compressed: bytes


class ServeBundles:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wanted = _ADDRESS.fullmatch(request.path_info)
        return _answer(request, wanted["kind"]) if wanted else self.get_response(request)


def bundle(kind: str) -> Bundle:
    """`kind`: css or js."""
    files = _files(kind)
    stamp = max(file.stat().st_mtime_ns for file in files) if settings.DEBUG else 0
    return _joined(kind, files, stamp)


@lru_cache(maxsize=len(PARTS))
def _files(kind: str) -> tuple[Path, ...]:
    return tuple(Path(str(finders.find(name))) for name in PARTS[kind])


@lru_cache(maxsize=len(PARTS))
def _joined(kind: str, files: tuple[Path, ...], _stamp: int) -> Bundle:
    texts = (file.read_text(encoding="utf-8") for file in files)
    content = _COMMENTS[kind].sub("", "\n".join(texts)).encode()
    address = f"/bundle/{sha256(content).hexdigest()[:12]}.{kind}"
    return Bundle(address, content, gzip.compress(content, mtime=0))


def _answer(request: HttpRequest, kind: str) -> HttpResponse:
    """An address of another version is one of a page from before a deployment: not kept."""
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotFound()
    found = bundle(kind)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(found.compressed if packed else found.content, _TYPES[kind])
    if packed:
        response["Content-Encoding"] = "gzip"
    is_current = request.path_info == found.address
    response["Cache-Control"] = "public, max-age=31536000, immutable" if is_current else "no-cache"
    response["Vary"] = "Accept-Encoding"
    return response
