"""The sealed log: what is sealed, and what `verify_audit` finds of a superuser's doings."""

# ruff: noqa: S608 - statements of a superuser who tampers

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from backoffice.audit import chain, log, personal
from backoffice.audit.models import AuditEvent, AuditSeal, UnsealedEvent
from backoffice.audit.sealing_round import seal_and_tell
from tests.services.threads import run_together

SEALED = log.action("tests.sealed", "Sealed")

pytestmark = pytest.mark.django_db


def events(count: int) -> None:
    for number in range(count):
        log.record(SEALED, actor=log.SYSTEM, subject="user:1", reason="why", facts={"n": number})


def superuser(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def verified() -> dict[str, Any]:
    out = StringIO()
    try:
        call_command("verify_audit", "--json", stdout=out, stderr=StringIO())
        assert json.loads(out.getvalue())["ok"]
    except CommandError:
        assert not json.loads(out.getvalue())["ok"]
    return dict(json.loads(out.getvalue()))


def test_every_column_of_an_event_is_sealed() -> None:
    columns = {field.attname for field in AuditEvent._meta.concrete_fields}
    assert set(chain.SEALED_FIELDS) == columns


def test_an_untouched_log_is_whole_also_after_a_subject_was_erased() -> None:
    events(3)
    seal_and_tell()
    personal.erase("user:1")
    report = verified()
    assert (report["ok"], report["events"], report["seals"], report["waiting"]) == (True, 3, 3, 0)


def test_what_commits_late_with_an_older_id_is_sealed_all_the_same() -> None:
    events(2)
    late = UnsealedEvent.objects.order_by("event_id")[0].event_id
    # As long as its transaction is open, nobody sees it.
    UnsealedEvent.objects.filter(event_id=late).delete()
    seal_and_tell()
    UnsealedEvent.objects.create(event_id=late)
    seal_and_tell()
    assert AuditSeal.objects.get(number=2).event_id == late
    assert verified()["ok"]


def test_sealers_and_writers_at_once_seal_each_event_once(transactional_db: None) -> None:
    def work(place: int) -> None:
        for _ in range(5):
            if place % 2:
                seal_and_tell()
            else:
                with transaction.atomic():
                    events(3)

    run_together(8, work)
    seal_and_tell()
    report = verified()
    assert (report["ok"], report["events"], report["seals"], report["waiting"]) == (True, 60, 60, 0)


def test_a_sealer_that_is_killed_leaves_nothing_half_done(transactional_db: None) -> None:
    events(3)
    with pytest.raises(DatabaseError), transaction.atomic():
        seal_and_tell()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    assert (AuditSeal.objects.count(), UnsealedEvent.objects.count()) == (0, 3)
    seal_and_tell()
    assert verified()["seals"] == 3


ID = "(SELECT event_id FROM audit_auditseal WHERE number = {})"


@pytest.mark.parametrize(
    ("act", "what", "seal"),
    [
        (f"UPDATE audit_auditevent SET outcome = 'failed' WHERE id = {ID}", "event_changed", 2),
        (f"DELETE FROM audit_auditevent WHERE id = {ID}", "event_removed", 1),
        (f"DELETE FROM audit_auditevent WHERE id = {ID}", "event_removed", 2),
        (f"DELETE FROM audit_auditevent WHERE id = {ID}", "event_removed", 3),
        ("DELETE FROM audit_auditseal WHERE number = {}", "seals_removed", 1),
        ("DELETE FROM audit_auditseal WHERE number = {}", "event_added", 3),
        ("UPDATE audit_auditseal SET number = 9 WHERE number = {}", "seals_removed", 3),
        ("UPDATE audit_auditseal SET sealed_at = now() WHERE number = {}", "event_changed", 2),
    ],
)
def test_s78_verify_audit_finds_what_a_superuser_did(act: str, what: str, seal: int) -> None:
    events(3)
    seal_and_tell()
    superuser(act.format(seal))
    assert verified()["first_bad"]["what"] == what


def test_s78_two_seals_that_changed_places_are_found() -> None:
    events(3)
    seal_and_tell()
    superuser(
        "UPDATE audit_auditseal SET number = 9 WHERE number = 2",
        "UPDATE audit_auditseal SET number = 2 WHERE number = 3",
        "UPDATE audit_auditseal SET number = 3 WHERE number = 9",
    )
    found = verified()["first_bad"]
    assert (found["what"], found["seal"]) == ("seal_forged", 2)


@pytest.mark.parametrize("table", ["audit_auditevent", "audit_unsealedevent"])
def test_s78_an_event_removed_or_hidden_before_it_was_sealed_is_found(table: str) -> None:
    events(2)
    superuser(f"DELETE FROM {table}")
    trouble = seal_and_tell().trouble
    what = verified()["first_bad"]["what"]
    if table == "audit_auditevent":
        assert (trouble, what) == ("event_gone", "unsealed_removed")
    else:
        assert (trouble, what) == ("", "event_added")


def test_s78_a_trigger_that_is_switched_off_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_auditevent_no_change")
    found = verified()["first_bad"]
    assert (found["what"], found["detail"]) == ("unguarded", "audit_auditevent_no_change")


def test_after_a_change_of_the_key_old_seals_count_as_long_as_the_old_key_is_known(
    settings: Any,
) -> None:
    events(1)
    seal_and_tell()
    old = settings.AUDIT_KEY
    settings.AUDIT_KEY, settings.AUDIT_KEY_FALLBACKS = bytes(range(64, 96)), [old]
    events(1)
    seal_and_tell()
    assert verified()["ok"]
    settings.AUDIT_KEY_FALLBACKS = []
    assert verified()["first_bad"]["what"] == "seal_forged"


def test_s78_a_forged_seal_with_another_key_is_found() -> None:
    events(2)
    seal_and_tell()
    forged = chain.sign(2, AuditSeal.objects.get(number=2).digest, bytes(range(32)))
    superuser(f"UPDATE audit_auditseal SET signature = '{forged}' WHERE number = 2")
    found = verified()["first_bad"]
    assert (found["what"], found["seal"]) == ("seal_forged", 2)
    assert seal_and_tell().trouble == ""
    events(1)
    assert seal_and_tell().trouble == "head_unsigned"


def test_s78_a_tail_removed_with_its_seals_is_found_by_the_head_outside(
    settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_HEAD_URL = f"file://{tmp_path}/head.json"
    events(3)
    seal_and_tell()
    assert verified()["head_outside"] == "same"
    superuser(
        f"DELETE FROM audit_auditevent WHERE id = {ID.format(3)}",
        "DELETE FROM audit_auditseal WHERE number = 3",
    )
    assert verified()["first_bad"]["what"] == "tail_removed"
    events(1)
    # The head that proves it is not written over.
    assert seal_and_tell().trouble == "head_cut"
    assert verified()["first_bad"]["what"] == "head_differs"
