"""The log: append-only by triggers and roles, personal details erasable, one with its change."""

import json
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from backoffice.audit import log, personal
from backoffice.audit.models import ActorKind, AuditEvent, AuditSeal, SubjectKey, UnsealedEvent
from backoffice.audit.roles import granting
from backoffice.audit.sealing_round import seal_and_tell
from backoffice.common.identifiers import uuid7
from backoffice.common.request_context import RequestContext, during

TESTED = log.action("tests.tested", "Tested")
OPERATOR = log.Actor(ActorKind.OPERATOR, "op-1")
ROLE = "backoffice_application_test"


@pytest.fixture
def event(db: None) -> AuditEvent:
    with during(RequestContext("req-1", "192.0.2.1", "Firefox")):
        return log.record(
            TESTED,
            actor=OPERATOR,
            subject="user:1",
            reason="Ann Lee lost her phone",
            facts={"factor": "sms"},
        )


@pytest.fixture
def as_application(event: AuditEvent) -> Iterator[None]:
    """From here on the connection has the rights of the application's role."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
        cursor.execute(granting(ROLE))
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")


def refused(statement: str) -> str:
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return str(caught.value)


def test_s76_an_event_says_who_did_what_to_whom_from_where(event: AuditEvent) -> None:
    kept = AuditEvent.objects.get()
    assert (kept.action, kept.actor_kind, kept.actor_id) == ("tests.tested", "operator", "op-1")
    assert (kept.subject, kept.request_id, kept.outcome) == ("user:1", "req-1", "done")
    assert personal.reveal(kept) == {
        "reason": "Ann Lee lost her phone",
        "address": "192.0.2.1",
        "browser": "Firefox",
    }


def test_nothing_personal_stands_in_clear(event: AuditEvent) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM audit_auditevent")
        row = json.dumps(cursor.fetchall(), default=str)
    for secret in ("Ann", "192.0.2.1", "Firefox", "lost"):
        assert secret not in row


def test_erasing_a_subject_makes_its_details_unreadable_for_good(event: AuditEvent) -> None:
    personal.erase("user:1")
    assert personal.reveal(event) is None
    later = log.record(TESTED, actor=OPERATOR, subject="user:1", reason="again")
    assert personal.reveal(later) == {"reason": "again"}
    assert personal.reveal(event) is None


def test_an_event_without_details_needs_no_key(db: None) -> None:
    quiet = log.record(TESTED, actor=log.SYSTEM)
    assert personal.reveal(quiet) == {}
    assert not SubjectKey.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET outcome = 'failed'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "TRUNCATE audit_auditevent, audit_auditseal",
    ],
)
def test_s78_even_the_owner_is_refused_by_triggers(event: AuditEvent, statement: str) -> None:
    assert "append-only" in refused(statement)
    assert AuditEvent.objects.get().outcome == "done"


def test_s78_seals_are_append_only_too(db: None) -> None:
    AuditSeal.objects.create(number=1, event_id=uuid7(), sealed_at=timezone.now(), digest="d")
    assert "append-only" in refused("DELETE FROM audit_auditseal")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET outcome = 'failed'",
        "DELETE FROM audit_auditevent",
        "TRUNCATE audit_auditevent",
        "UPDATE audit_auditseal SET signature = ''",
        "DELETE FROM audit_auditseal",
        "TRUNCATE audit_auditseal",
        "ALTER TABLE audit_auditevent DISABLE TRIGGER ALL",
        "ALTER TABLE audit_auditseal DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_auditevent_waits ON audit_auditevent",
        "DROP TABLE audit_auditevent",
        "SET session_replication_role = replica",
    ],
)
def test_s78_the_applications_role_may_only_insert_and_read(
    as_application: None, statement: str
) -> None:
    message = refused(statement)
    assert "denied" in message or "must be owner" in message


def test_s78_the_applications_role_still_writes_the_log(as_application: None) -> None:
    log.record(TESTED, actor=OPERATOR, subject="user:1", reason="still works")
    assert AuditEvent.objects.count() == 2


def test_s78_the_applications_role_seals_the_log(as_application: None) -> None:
    assert seal_and_tell().trouble == ""
    assert (AuditSeal.objects.count(), UnsealedEvent.objects.count()) == (1, 0)


def test_s80_a_rolled_back_change_leaves_no_event(db: None) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        log.record(TESTED, actor=OPERATOR)
        raise RuntimeError
    assert not AuditEvent.objects.exists()


def test_an_action_is_registered_once_and_has_words() -> None:
    with pytest.raises(ValueError, match="twice"):
        log.action("tests.tested", "Again")
    assert log.words_of("tests.tested") == "Tested"
    assert log.words_of("gone.action") == "gone.action"
    assert TESTED in log.actions()
