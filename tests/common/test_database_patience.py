"""PostgreSQL gives up on what takes too long, and then nobody is let in."""

import subprocess
import sys

import pytest
from django.db import Error, connection, transaction
from django.test import Client as Browser

from backoffice.common import env
from tests.common.test_env import ROOT, production
from tests.services.threads import run_together
from tests.twofa.people import app_code, authenticator, client
from twofa.models import CodeAttempt, VerificationState

PATIENT = env.Patience(statement=15, lock=5, idle=30)
URL = "postgresql://app:p@db.example/backoffice"
PASSWORD = "a pass phrase of many words"


def limits_of(url: str, patience: env.Patience = PATIENT) -> str:
    return str(env.database(url, patience)["OPTIONS"].get("options", ""))


def test_the_limits_stand_in_the_connections_options() -> None:
    assert limits_of(URL) == (
        "-c statement_timeout=15000 -c lock_timeout=5000"
        " -c idle_in_transaction_session_timeout=30000"
    )


def test_zero_is_no_limit() -> None:
    assert (
        limits_of(URL, env.Patience(statement=2.5, lock=0, idle=0)) == "-c statement_timeout=2500"
    )
    assert limits_of(URL, env.ENDLESS) == ""


def test_what_the_address_says_comes_last_and_wins() -> None:
    given = f"{URL}?options=-c%20lock_timeout%3D1"
    assert limits_of(given).endswith("session_timeout=30000 -c lock_timeout=1")


def test_sqlite_knows_none_of_them() -> None:
    assert limits_of("sqlite:////tmp/x.sqlite3") == ""


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "3601", ""])
def test_a_limit_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="a number of seconds"):
        env.parse_seconds(value)


@pytest.mark.parametrize(
    ("program", "limits"),
    [("gunicorn", "-c statement_timeout=7000 -c"), ("manage.py", "none")],
)
def test_web_and_worker_are_limited_and_commands_are_not(program: str, limits: str) -> None:
    read = "print(s.DATABASES['default']['OPTIONS'].get('options', 'none'))"
    code = f"import sys; sys.argv = [{program!r}]; import backoffice.settings as s; {read}"
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=production(DATABASE_STATEMENT_TIMEOUT="7"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stdout.startswith(limits)


@pytest.mark.django_db
def test_the_server_holds_us_to_them() -> None:
    assert [_shown(name) for name in ("statement_timeout", "lock_timeout")] == ["15s", "5s"]
    assert _shown("idle_in_transaction_session_timeout") == "30s"


def _shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def _limit(name: str, milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET {name} = {milliseconds}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["lock_timeout", "statement_timeout"])
def test_s85_a_right_code_that_cannot_be_judged_in_time_lets_nobody_in(limit: str) -> None:
    user = client(password=PASSWORD)
    code = app_code(device := authenticator(user))
    VerificationState.objects.create(user=user)
    browser = Browser(raise_request_exception=False)
    browser.post("/sign-in/", {"email": user.email, "password": PASSWORD})

    def type_it(index: int) -> int:
        _limit(limit, 200)
        return browser.post("/sign-in/verify/", {"code": code}).status_code

    with transaction.atomic():
        VerificationState.objects.select_for_update().get(user=user)
        assert run_together(1, type_it) == [500]
    assert "_auth_user_id" not in browser.session
    assert not CodeAttempt.objects.exists()
    device.refresh_from_db()
    assert device.last_used_step == -1
    # Nothing was used up: the same code, now that it can be judged.
    assert browser.post("/sign-in/verify/", {"code": code}).status_code == 303
    assert "_auth_user_id" in browser.session


@pytest.mark.django_db(transaction=True)
def test_a_transaction_in_which_nothing_happens_lets_go_of_its_locks() -> None:
    """As of a process that was stopped: the next one goes on, and it finds out when it wakes."""
    user = client()
    VerificationState.objects.create(user=user)

    def sleep(index: int) -> None:
        with transaction.atomic():
            VerificationState.objects.select_for_update().get(user=user)
            _limit("idle_in_transaction_session_timeout", 200)
            run_together(1, take)
            VerificationState.objects.update(failures=1)

    def take(index: int) -> None:
        VerificationState.objects.filter(user=user).update(failures=7)

    [outcome] = run_together(1, sleep)
    assert isinstance(outcome, Error)
    assert VerificationState.objects.get(user=user).failures == 7
