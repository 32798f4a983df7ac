"""Celery's side of sending: ids in, nothing out. What they do stands in the modules they call."""

from uuid import UUID

from celery import shared_task

from smsproviders import conversions


@shared_task
def send(message_id: str) -> None: ...


@shared_task
def confirm(message_id: str) -> None:
    conversions.tell(UUID(message_id))
