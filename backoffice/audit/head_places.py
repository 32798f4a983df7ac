"""Where the head is kept outside: a file, or an address by https that takes PUT and answers GET.

Nothing here names the whole address: it may hold a password.
"""

import os
import tempfile
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import requests

from backoffice.audit.head import MAX_BYTES

CONNECT_SECONDS, READ_SECONDS, TOTAL_SECONDS = 2.0, 3.0, 4.0
# No head yet; and of a place that can be written to only.
NOT_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.METHOD_NOT_ALLOWED}


class PlaceFailed(Exception):
    """The head could not be read or written there; the text says why, without any secret."""


class Place(Protocol):
    def read(self) -> bytes | None:
        """What lies there, None for nothing; PlaceFailed."""

    def write(self, content: bytes) -> None:
        """PlaceFailed."""


def place_of(url: str) -> Place:
    """Of an address as `env.parse_head_url` lets it pass."""
    parts = urlsplit(url)
    return FilePlace(Path(unquote(parts.path))) if parts.scheme == "file" else HttpsPlace(url)


class FilePlace:
    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        try:
            with self._path.open("rb") as file:
                return file.read(MAX_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise PlaceFailed(f"the file cannot be read: {error.strerror}") from None

    def write(self, content: bytes) -> None:
        """Whole or not at all, and on the disk when this returns."""
        try:
            self._replace(content)
        except OSError as error:
            raise PlaceFailed(f"the file cannot be written: {error.strerror}") from None

    def _replace(self, content: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # For those who compare it; it holds nothing secret.
            Path(name).chmod(0o644)
            Path(name).replace(self._path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class HttpsPlace:
    def __init__(self, url: str) -> None:
        self._url = url

    def read(self) -> bytes | None:
        status, body = self._call("GET")
        if status in NOT_THERE:
            return None
        _must_be_well(status)
        return body

    def write(self, content: bytes) -> None:
        status, _body = self._call("PUT", content)
        _must_be_well(status)

    def _call(self, method: str, content: bytes | None = None) -> tuple[int, bytes]:
        until = time.monotonic() + TOTAL_SECONDS
        try:
            with requests.request(
                method,
                self._url,
                data=content,
                headers={"Content-Type": "application/json"} if content else None,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code, _body(answer, until)
        except requests.RequestException as error:
            # Its text quotes the address.
            raise PlaceFailed(f"the address does not answer: {type(error).__name__}") from None


def _body(answer: requests.Response, until: float) -> bytes:
    body = b""
    for piece in answer.iter_content(1024):
        body += piece
        if len(body) > MAX_BYTES or time.monotonic() > until:
            raise PlaceFailed("the answer is too long, or too slow")
    return body


def _must_be_well(status: int) -> None:
    if not 200 <= status < 300:
        raise PlaceFailed(f"the address answered with status {status}")
