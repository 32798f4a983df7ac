"""A browser window that shows what the server answered, with its headers, and asks nothing else.

Whoever wants to see a page in a state that only a form leads to needs no server, no cookies and no
second way there: the answer is laid before the browser as it came.
"""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders

from backoffice.bundles import bundle
from tests.client_pages.visits import Answer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

HOST = "https://back-office.test"
_numbers = count()
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass
class Window:
    """`complaints`: of the console, of the content policy too. `asked`: paths of the page shown."""

    page: "Page"
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _answer: Answer | None = None

    def __post_init__(self) -> None:
        self.page.route("**/*", self._serve)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def show(self, answer: Answer) -> "Page":
        self._answer, self.asked = answer, []
        # An address that was not open yet: opened again, a page would keep its focus.
        mark = "&" if "?" in answer.path else "?"
        self.page.goto(f"{HOST}{answer.path}{mark}shown={next(_numbers)}", wait_until="load")
        return self.page

    def look(self, *, scheme: str, width: int, height: int = 900) -> None:
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def _serve(self, route: "Route") -> None:
        parts = urlsplit(route.request.url)
        self.asked.append(parts.path)
        if route.request.is_navigation_request() and self._answer:
            answer = self._answer
            route.fulfill(status=answer.status, headers=answer.headers, body=answer.html)
        elif parts.path.startswith("/bundle/"):
            kind = parts.path.rpartition(".")[2]
            route.fulfill(body=bundle(kind).content, content_type=_KINDS[f".{kind}"])
        elif parts.path.startswith("/static/"):
            file = Path(str(finders.find(parts.path.removeprefix("/static/"))))
            route.fulfill(body=file.read_bytes(), content_type=_KINDS[file.suffix])
        else:  # how a code is on its way: there is no server
            self.asked.remove(parts.path)
            route.fulfill(status=404, body="")

    def _note(self, message: Any) -> None:
        # The page of an error is one that Chromium could not load, so to speak.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)


def opened(browser: "Browser", **options: Any) -> Window:
    context = browser.new_context(**options)
    context.set_default_timeout(15_000)
    # From the start: handing it over for each page takes longer than its rules do.
    context.add_init_script(Axe().axe_script)
    return Window(context.new_page())
