"""Celery's side of telling operators. May run twice at once without harm."""

from celery import shared_task

from backoffice.alerts import incidents, lost_devices, paused_routes, provider_conditions, sealing


@shared_task
def tell_operators() -> None:
    provider_conditions.tell_changes()
    paused_routes.tell_new()
    incidents.tell_changes()
    lost_devices.tell_overdue()
    sealing.tell_changes()
