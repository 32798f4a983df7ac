"""As it is installed: DEBUG off, behind a proxy by https, two database roles, gunicorn."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from django.utils import timezone

from backoffice.development.leash import Leash
from tests.services import session
from tests.services.waiting import wait_until
from tests.services.web import Page, Site
from tests.services.workers import ROOT
from twofa import totp

HOST = "secure.example.com"
EMAIL, PASSWORD = "ann@example.com", "correct horse battery staple"
OWNER, APPLICATION, DATABASE = "shop_owner", "shop_app", "shop"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
ITS_OWN = "FROM pg_stat_activity WHERE usename = %s"
WAITING = f"SELECT pid {ITS_OWN} AND wait_event_type = 'Lock'"
STRICT = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass
class Visitor:
    """A browser on the other side of the proxy."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)
    html: str = ""

    def ask(self, method: str, path: str, **parts: Any) -> requests.Response:
        headers = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        headers |= {"Origin": f"https://{HOST}"} if method == "POST" else {}
        headers |= parts.pop("headers", {})
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = requests.request(
            method, self.url + path, headers=headers, allow_redirects=False, timeout=30, **parts
        )
        self.cookies |= answer.cookies.get_dict()
        self.html = answer.text
        return answer

    def post(self, path: str, **fields: str) -> requests.Response:
        token = TOKEN.search(self.html)
        return self.ask(
            "POST", path, data={"csrfmiddlewaretoken": token[1] if token else "", **fields}
        )


@dataclass
class Installation:
    site: Site
    variables: dict[str, str]

    def visitor(self) -> Visitor:
        return Visitor(self.site.url)

    def as_role(self, role: str, statement: str, *values: object) -> list[Any]:
        with psycopg.connect(url_of(role, DATABASE), autocommit=True) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


def url_of(role: str, database: str) -> str:
    url = urlsplit(session.environment()["DATABASE_URL"])
    place = url.netloc.rpartition("@")[2]
    return url._replace(netloc=f"{role}@{place}", path=f"/{database}").geturl()


def manage(variables: dict[str, str], *arguments: str, stdin: str = "") -> str:
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, input=stdin, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make_roles() -> None:
    """As docs/settings.md says."""
    superuser = os.environ["DATABASE_URL"]
    with psycopg.connect(urlsplit(superuser)._replace(path="/postgres").geturl()) as connection:
        connection.autocommit = True
        for role in (OWNER, APPLICATION):
            connection.execute(f"CREATE ROLE {role} LOGIN")  # type: ignore[arg-type]
        connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def installation(leash: Leash, broker: object) -> Iterator[Installation]:
    session.start_postgres()
    make_roles()
    variables = {
        "DATABASE_URL": url_of(APPLICATION, DATABASE),
        "DATABASE_MIGRATION_URL": url_of(OWNER, DATABASE),
        "PUBLIC_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.0/8",
    }
    everything = {**os.environ, **variables}
    manage(everything, "migrate", "--verbosity", "0")
    manage(everything, "add_client", EMAIL, "--password-stdin", stdin=PASSWORD)
    site = Site(leash, session.folder("production"), **variables)
    yield Installation(site, everything)
    site.close()


def half_signed_in(installation: Installation, email: str) -> Visitor:
    visitor = installation.visitor()
    visitor.ask("GET", "/sign-in/")
    visitor.post("/sign-in/", email=email, password=PASSWORD)
    visitor.ask("GET", "/sign-in/verify/")
    return visitor


def enrol(visitor: Visitor, *, email: str = EMAIL) -> str:
    """Sign in by password and enable an authenticator; its seed."""
    visitor.ask("GET", "/sign-in/")
    assert visitor.post("/sign-in/", email=email, password=PASSWORD).status_code == 303
    visitor.ask("GET", "/security/authenticator/")
    visitor.post("/security/authenticator/", begin="1")
    [key] = Page("", 200, visitor.html).marked("totp-key")
    seed = key.replace(" ", "")
    visitor.post("/security/authenticator/", code=code(seed))
    assert Page("", 200, visitor.html).marked("recovery-code")
    return seed


def code(seed: str, *, later: int = 0) -> str:
    return totp.code_at(seed, totp.step_at(timezone.now()) + later)


def test_s78_a_client_signs_in_and_the_application_can_log_but_not_rewrite(
    installation: Installation,
) -> None:
    assert requests.get(f"{installation.site.url}/health/ready", timeout=10).status_code == 200
    seed = enrol(installation.visitor())
    visitor = installation.visitor()
    visitor.ask("GET", "/sign-in/")
    visitor.post("/sign-in/", email=EMAIL, password=PASSWORD)
    half = dict(visitor.cookies)
    visitor.ask("GET", "/sign-in/verify/")
    assert visitor.post("/sign-in/verify/", code=code(seed, later=1)).status_code == 303
    assert visitor.cookies["__Host-session"] != half["__Host-session"]
    assert visitor.ask("GET", "/security/").status_code == 200
    events = "SELECT count(*) FROM audit_auditevent WHERE action = 'twofa.code_accepted'"
    logged = installation.as_role(APPLICATION, events)
    assert logged[0][0] >= 2  # enabling, and signing in
    for statement in (
        "UPDATE audit_auditevent SET outcome = 'failed'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_auditevent_no_change ON audit_auditevent",
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql "
        "AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            installation.as_role(APPLICATION, statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        installation.as_role(OWNER, "DELETE FROM audit_auditevent")
    assert installation.as_role(APPLICATION, events) == logged


def test_migrating_again_opens_new_tables_and_keeps_the_log_closed(
    installation: Installation,
) -> None:
    installation.as_role(OWNER, "CREATE TABLE of_a_later_version (id int)")
    manage(installation.variables, "migrate", "--verbosity", "0")
    installation.as_role(APPLICATION, "INSERT INTO of_a_later_version VALUES (1)")
    rights = "SELECT has_table_privilege(%s, 'audit_auditevent', %s)"
    for right, expected in (("INSERT", True), ("SELECT", True), ("UPDATE", False)):
        assert installation.as_role(OWNER, rights, APPLICATION, right) == [(expected,)]
    installation.as_role(OWNER, "DROP TABLE of_a_later_version")


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", "/", 302, {}),
        ("GET", "/sign-in/", 200, {}),
        ("POST", "/sign-in/", 403, {}),
        ("GET", "/admin/", 302, {}),
        ("GET", "/security/", 302, {}),
        ("GET", "/no-such-page/", 404, {}),
        ("GET", "/sandbox/phone/", 404, {}),
        ("GET", "/sign-out/", 405, {}),
        ("POST", "/sms/reports/nobody/", 403, {}),
        ("GET", "/health/live", 200, {}),
        ("GET", "/static/backoffice/admin.css", 200, {}),
        ("GET", "/static/no-such-file.css", 404, {}),
        ("GET", "/sign-in/", 400, {"Host": "evil.example"}),
    ],
)
def test_s83_every_kind_of_answer_is_strict(
    installation: Installation, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = installation.visitor().ask(method, path, headers=headers)
    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in STRICT} == STRICT
    policy = answer.headers["Content-Security-Policy"]
    for wanted in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert wanted in policy
    assert "unsafe" not in policy
    assert "Traceback" not in answer.text


def test_s82_cookies_belong_to_this_host_alone(installation: Installation) -> None:
    visitor = installation.visitor()
    visitor.ask("GET", "/sign-in/")
    answer = visitor.post("/sign-in/", email=EMAIL, password=PASSWORD)
    visitor.ask("GET", "/sign-in/")
    names = set(visitor.cookies)
    assert {"__Host-csrf", "__Host-session"} <= names
    assert all(name.startswith("__Host-") for name in names)
    line = answer.headers["Set-Cookie"]
    for wanted in ("__Host-session=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert wanted in line
    assert "Domain" not in line


def test_plain_http_is_led_to_https(installation: Installation) -> None:
    answer = installation.visitor().ask("GET", "/sign-in/", headers={"X-Forwarded-Proto": "http"})
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"https://{HOST}/sign-in/"


@pytest.mark.faults
def test_s85_a_database_restarted_in_a_verify_signs_nobody_in_and_uses_nothing_up(
    installation: Installation,
) -> None:
    email = "bob@example.com"
    manage(installation.variables, "add_client", email, "--password-stdin", stdin=PASSWORD)
    seed = enrol(installation.visitor(), email=email)
    visitor, other = (half_signed_in(installation, email) for _ in range(2))
    half, page = dict(visitor.cookies), visitor.html
    typed = code(seed, later=1)
    superuser = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(url_of(OWNER, DATABASE)) as holding,
        psycopg.connect(superuser, autocommit=True) as watching,
    ):
        holding.execute("SELECT * FROM twofa_verificationstate FOR UPDATE")
        answer = pool.submit(visitor.post, "/sign-in/verify/", code=typed)
        wait_until(lambda: watching.execute(WAITING, [APPLICATION]).fetchone())
        session.restart_postgres()
        holding.close()
        watching.close()
        assert answer.result(30).status_code == 500
    # By itself: no restart of ours, and the code was not used up.
    visitor.cookies, visitor.html = half, page
    assert visitor.ask("GET", "/security/").status_code == 302
    visitor.html = page
    assert visitor.post("/sign-in/verify/", code=typed).status_code == 303
    assert visitor.ask("GET", "/security/").status_code == 200
    # Nor is it accepted twice.
    assert other.post("/sign-in/verify/", code=typed).status_code == 200
    assert other.ask("GET", "/security/").status_code == 302


def test_missing_migrations_keep_it_out_of_service(
    installation: Installation, leash: Leash, tmp_path: Path
) -> None:
    gone = "DELETE FROM django_migrations WHERE app = 'audit' AND name = '0002_append_only'"
    installation.as_role(OWNER, gone)
    try:
        answer = requests.get(f"{installation.site.url}/health/ready", timeout=10)
        assert answer.status_code == 503
        assert answer.json()["migrations"] == "unavailable"
    finally:
        back = "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())"
        installation.as_role(OWNER, back, "audit", "0002_append_only")
