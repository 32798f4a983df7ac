"""A real web server on the test database, and a visitor that fills in its forms."""

import re
import socket
import sys
from collections.abc import Callable, Sequence
from copy import copy
from email import message_from_string
from email.message import Message
from html.parser import HTMLParser
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, Request, build_opener

import requests

from backoffice.development.leash import Leash
from tests.services.waiting import wait_until
from tests.services.workers import ROOT, environment


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


THREADS = ("--workers", "1", "--threads", "8")


class Site:
    """gunicorn with the project on a port of its own; `variables` suit its workers too."""

    def __init__(
        self, leash: Leash, folder: Path, *, gunicorn: Sequence[str] = THREADS, **changes: str
    ) -> None:
        """`gunicorn`: options that say how it works."""
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.letters = folder / "letters"
        self.letters.mkdir()
        self.log = folder / "web.log"
        self.variables: dict[str, Any] = {
            "PUBLIC_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "EMAIL_URL": f"file:///{self.letters}",
            **changes,
        }
        self._leash = leash
        command = [
            *(sys.executable, "-m", "gunicorn", "backoffice.wsgi", "--bind", f"127.0.0.1:{port}"),
            *(*gunicorn, "--worker-tmp-dir", str(folder)),
        ]
        with self.log.open("ab") as output:
            self._process = leash.start(
                command, output=output, environment=environment(**self.variables), folder=ROOT
            )
        wait_until(self._answers, within=60)

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise AssertionError(f"the web server ended:\n{self.log.read_text()}")
        try:
            return requests.get(f"{self.url}/health/live", timeout=10).ok
        except requests.ConnectionError:
            return False

    @property
    def pid(self) -> int:
        """Of the master, whose children answer."""
        return self._process.pid

    def close(self) -> None:
        self._leash.stop(self._process)

    def visitor(self) -> "Visitor":
        return Visitor(self.url, log=self.log.read_text)

    def mail(self) -> list[Message]:
        """The e-mails sent so far, in no order."""
        files = [path.read_text(encoding="utf-8") for path in self.letters.iterdir()]
        parts = [part for text in files for part in re.split(r"^-{79}$", text, flags=re.MULTILINE)]
        return [message_from_string(part.lstrip()) for part in parts if part.strip()]


class Visitor:
    """A browser without script: keeps cookies, follows redirects, sends forms with their token."""

    def __init__(self, url: str, *, log: Callable[[], str] = str) -> None:
        self.url, self.log = url, log
        # The cookies are Secure, and this server speaks plain HTTP on loopback.
        self._cookies = CookieJar(DefaultCookiePolicy(secure_protocols=("https", "http")))
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._cookies))
        self._page: Page | None = None

    def copy(self) -> "Visitor":
        """The same browser once more: same cookies, same open page, from now on apart."""
        other = Visitor(self.url, log=self.log)
        for cookie in self._cookies:
            other._cookies.set_cookie(copy(cookie))
        other._page = self._page
        return other

    def get(self, path: str) -> "Page":
        return self._open(Request(self.url + path))  # noqa: S310 - our own server

    def post(self, path: str, **fields: str) -> "Page":
        """Send a form of the page that is open; its hidden fields go with it."""
        body = urlencode({**self.page.hidden, **fields}).encode()
        headers = {"Referer": self.page.url}
        return self._open(Request(self.url + path, data=body, headers=headers))  # noqa: S310

    def sign_in(self, email: str, password: str) -> "Page":
        self.get("/sign-in/")
        return self.post("/sign-in/", email=email, password=password)

    @property
    def page(self) -> "Page":
        if self._page is None:
            raise AssertionError("no page is open yet")
        return self._page

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url)

    def _open(self, request: Request) -> "Page":
        try:
            response = self._opener.open(request, timeout=30)
        except HTTPError as error:
            response = error
        with response:
            self._page = Page(response.url, response.status, response.read().decode())
        if self._page.status >= 500:
            raise AssertionError(f"{self._page.url}: {self._page.status}\n{self.log()}")
        return self._page


class Page:
    """What a page says: its text, the texts of `data-test` elements, the token of its forms."""

    def __init__(self, url: str, status: int, html: str) -> None:
        self.url, self.status, self.html = url, status, html
        reader = _Reader()
        reader.feed(html)
        self.text = " ".join(" ".join(reader.words).split())
        self.hidden = reader.hidden
        self._marked = reader.marked

    def marked(self, name: str) -> list[str]:
        """The text of each element with that `data-test`."""
        return [" ".join("".join(parts).split()) for mark, parts in self._marked if mark == name]


class _Reader(HTMLParser):
    VOID = frozenset({"input", "img", "br", "hr", "meta", "link", "path", "rect", "use", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden: dict[str, str] = {}
        self.marked: list[tuple[str, list[str]]] = []
        self._open: list[tuple[str, list[str] | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "input" and values.get("type") == "hidden":
            self.hidden.setdefault(values.get("name") or "", values.get("value") or "")
        parts: list[str] | None = None
        if mark := values.get("data-test"):
            parts = []
            self.marked.append((mark, parts))
        if tag not in self.VOID:
            self._open.append((tag, parts))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(tag in {"script", "style", "title"} for tag, _ in self._open):
            return
        self.words.append(data)
        for _, parts in self._open:
            if parts is not None:
                parts.append(data)
