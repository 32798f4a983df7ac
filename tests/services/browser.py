"""Chromium of the system, driven by Playwright; nothing is downloaded."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium's sandbox refuses root and most containers; the rest keeps it from calling home.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-crash-reporter",
    "--disable-dev-shm-usage",
    "--no-first-run",
)
MISSING = "no Chromium found: install it, or name it with CHROMIUM=/path/to/chromium"


def find() -> str | None:
    named = os.environ.get("CHROMIUM")
    for name in [named] if named else NAMES:
        if path := shutil.which(name):
            return path
    return None


def is_required() -> bool:
    return os.environ.get("REQUIRE_BROWSER", "") not in {"", "0"}


@contextmanager
def launched(folder: Path) -> Iterator["Browser"]:
    """`folder` takes the profile and all else that a browser writes into a home.

    Playwright keeps an event loop running in this thread until it is stopped, which Django takes
    for a call from asynchronous code: hence DJANGO_ALLOW_ASYNC_UNSAFE for just as long."""
    from playwright.sync_api import sync_playwright

    executable = find()
    if executable is None:
        raise RuntimeError(MISSING)
    own = {"TMPDIR": str(folder), "HOME": str(folder), "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    with ExitStack() as stack:
        with mock.patch.dict(os.environ, own):
            playwright = stack.enter_context(sync_playwright())
            browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        stack.callback(browser.close)
        stack.enter_context(mock.patch.dict(os.environ, DJANGO_ALLOW_ASYNC_UNSAFE="1"))
        yield browser


@dataclass  # no slots: Playwright hangs an attribute of its own on the owner of a handler
class Visitors:
    """Makes windows that share no cookies: a client's, an operator's. Collects what the console
    of any of them complains about, refused inline scripts and styles included."""

    browser: "Browser"
    address: str
    errors: list[str] = field(default_factory=list)
    _contexts: list["BrowserContext"] = field(default_factory=list)

    def open(self, **options: Any) -> "Page":
        """`options` as for Playwright's `new_context`: `viewport`, `color_scheme`, `locale`…"""
        context = self.browser.new_context(base_url=self.address, **options)
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self.errors.append(f"{message.location.get('url', '')}: {message.text}")
