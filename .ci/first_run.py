"""A newcomer's first five minutes, in a fresh clone: `make run`, sign in, read the code, type it.

Only the standard library. Prints what it does; exits 1 at the first thing that is not as the README
says. Run from the project's folder: what is committed is what is tried.
"""
# ruff: noqa: T201, S310, S603, S607 - a program for the terminal, on addresses of this machine

import html
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

INSTALL_AND_START = 300
CODE_ARRIVES = 30
ENDS = 8
CLIENT = "client@example.com"


class Browser:
    """Cookies, forms with their hidden fields, redirects."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.url = ""
        self.page = ""
        no_proxy = urllib.request.ProxyHandler({})
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(no_proxy, cookies)

    def open(self, path: str, fields: dict[str, str] | None = None) -> None:
        target = urllib.parse.urljoin(self.url or self.address, path)
        data = urllib.parse.urlencode(fields).encode() if fields else None
        request = urllib.request.Request(target, data, {"Referer": self.url or self.address})
        with self._opener.open(request, timeout=10) as answer:
            self.url = answer.url
            self.page = answer.read().decode()

    def submit(self, **typed: str) -> None:
        """The form that has the first of these fields."""
        wanted = next(iter(typed))
        for attributes, body in re.findall(r"<form\b([^>]*)>(.*?)</form>", self.page, re.S):
            fields = dict(inputs(body))
            if wanted in fields:
                self.open(attribute(attributes, "action") or self.url, {**fields, **typed})
                return
        raise SystemExit(f"{self.url} has no form with a field {wanted!r}")


def attribute(tag: str, name: str) -> str:
    found = re.search(rf"""\b{name}\s*=\s*("([^"]*)"|'([^']*)')""", tag)
    return html.unescape(found[2] or found[3] or "") if found else ""


def inputs(form: str) -> list[tuple[str, str]]:
    """Name and value of what a browser would send without a button being named."""
    tags = re.findall(r"<input\b[^>]*>", form)
    sent = [tag for tag in tags if attribute(tag, "type") not in {"submit", "checkbox", "radio"}]
    return [(attribute(tag, "name"), attribute(tag, "value")) for tag in sent]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_until_ready(make: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + INSTALL_AND_START
    browser = Browser(address)
    while time.monotonic() < deadline:
        if make.poll() is not None:
            raise SystemExit(f"make run ended by itself ({make.returncode})")
        try:
            browser.open("/health/ready")
            return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"not ready after {INSTALL_AND_START} s")


def on_the_phone(address: str) -> list[str]:
    """The texts on the page that stands for the client's phone."""
    phone = Browser(address)
    phone.open("/sandbox/phone/")
    return re.findall(r'<[^>]*data-test="sms-body"[^>]*>(.*?)</', phone.page, re.S)


def read_code(address: str, *, seen: list[str]) -> str:
    """Out of the text that was not there before; the last line may name the site's port."""
    deadline = time.monotonic() + CODE_ARRIVES
    while time.monotonic() < deadline:
        for body in on_the_phone(address):
            code = re.search(r"(?<![\d.:])\d{4,8}(?!\d)", body)
            if code and body not in seen:
                return code[0]
        time.sleep(0.5)
    raise SystemExit(f"no code on the phone within {CODE_ARRIVES} s")


def sign_in(address: str, password: str) -> None:
    browser = Browser(address)
    seen = on_the_phone(address)
    browser.open("/sign-in/")
    browser.submit(email=CLIENT, password=password)
    if urllib.parse.urlsplit(browser.url).path != "/sign-in/verify/":
        raise SystemExit(f"after the password: {browser.url}, not /sign-in/verify/")
    browser.submit(code=read_code(address, seen=seen))
    browser.open("/security/")
    if urllib.parse.urlsplit(browser.url).path != "/security/":
        raise SystemExit(f"after the code: {browser.url}, not /security/")


def left_behind(folder: Path) -> list[str]:
    """Processes that name the folder in their command or work in it; zombies are over."""
    rows = subprocess.run(
        ["ps", "-axww", "-o", "pid=,stat=,command="], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found = []
    for row in rows:
        pid, state, command = row.split(None, 2)
        here = str(folder) in command or works_in(pid, folder)
        if here and not state.startswith("Z") and int(pid) != os.getpid():
            found.append(row)
    return found


def works_in(pid: str, folder: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink().is_relative_to(folder)
    except OSError:
        return False


def stop(make: "subprocess.Popen[bytes]", folder: Path) -> None:
    make.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + ENDS
    while (left := left_behind(folder)) and time.monotonic() < deadline:
        make.poll()
        time.sleep(0.2)
    if left:
        raise SystemExit("left behind after SIGTERM:\n" + "\n".join(left))


def try_it(clone: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    log = clone.parent / "make-run.log"
    unset = ("DEBUG", "DATABASE_URL", "REDIS_URL", "MAKELEVEL", "MAKEFLAGS", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    started = time.monotonic()
    with log.open("wb") as output:
        make = subprocess.Popen(
            ["make", "run"],
            cwd=clone,
            env={**environment, "PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        wait_until_ready(make, address)
        print(f"first run: ready after {time.monotonic() - started:.0f} s, installation included")
        sign_in(address, (clone / "var" / "demo-password").read_text().strip())
        print(f"first run: {CLIENT} signed in with the code from the phone")
    except BaseException:
        print(log.read_text(errors="replace")[-4000:], file=sys.stderr)
        raise
    finally:
        stop(make, clone)
    print("first run: stopped, no process left behind")


def main() -> None:
    work = Path(tempfile.mkdtemp(prefix="first-run-")).resolve()
    try:
        clone = work / "clone"
        subprocess.run(["git", "clone", "--quiet", ".", str(clone)], check=True)
        try_it(clone)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
