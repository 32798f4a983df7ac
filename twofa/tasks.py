"""Celery's side of `twofa`: ids in, nothing out. All of it may run twice without harm."""

from uuid import UUID

from celery import shared_task

from twofa import (
    after_incident,
    challenge_life,
    code_tallying,
    notice_sending,
    password_resets,
    purging,
    verdict_outcomes,
)


@shared_task
def send_notice(notice_id: str) -> None:
    notice_sending.send(UUID(notice_id))


@shared_task
def answer_reset_request(request_id: str) -> None:
    password_resets.answer(UUID(request_id))


@shared_task
def sweep_notices() -> None:
    password_resets.sweep()
    notice_sending.sweep()


@shared_task
def tell_after_incidents() -> None:
    after_incident.tell()


@shared_task
def blank_dead_codes() -> None:
    challenge_life.blank_dead_codes()


@shared_task
def purge() -> None:
    purging.purge()


@shared_task
def tally_codes() -> None:
    code_tallying.count_due()


@shared_task
def settle_verdicts() -> None:
    verdict_outcomes.settle_due()
