"""Celery's side of `clients`. May run twice without harm."""

from celery import shared_task

from clients import purging


@shared_task
def purge() -> None:
    purging.purge()
