"""Celery's side of sending: ids in, nothing out. What they do stands in the modules they call."""

from uuid import UUID

from celery import shared_task

from smsproviders import (
    asking,
    conversions,
    health,
    incident_detection,
    pause_review,
    purging,
    sender_heartbeat,
    settling,
    spend_counting,
    sweeping,
    tallying,
)
from smsproviders.models import Heartbeat
from smsproviders.sending import delivering


@shared_task
def send(message_id: str) -> None:
    delivering.deliver(UUID(message_id))


@shared_task
def sweep() -> None:
    sweeping.requeue()


@shared_task
def settle() -> None:
    settling.close_expired()
    asking.hand_out()


@shared_task
def ask(attempt_id: str) -> None:
    asking.ask_by_id(UUID(attempt_id))


@shared_task
def confirm(message_id: str) -> None:
    conversions.tell(UUID(message_id))


@shared_task
def check_providers() -> None:
    health.check_all()


@shared_task
def check_doubted() -> None:
    health.check_doubted()


@shared_task
def tally() -> None:
    tallying.count_due()


@shared_task
def purge() -> None:
    purging.purge()


@shared_task
def heartbeat() -> None:
    """That this runs shows that beat, the broker and a worker with a free thread are alive."""
    sender_heartbeat.beat(Heartbeat.Part.BEAT)


@shared_task
def review_routes() -> None:
    pause_review.review()


@shared_task
def count_spend() -> None:
    spend_counting.count()


@shared_task
def renew_prices() -> None:
    spend_counting.renew_prices()


@shared_task
def detect_incidents() -> None:
    incident_detection.detect()
