"""The Celery application. Knows no app of ours: tasks are found by autodiscovery."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The settings hold the web's values: a page must give up on a silent broker within a second
# (measured: 0.8 s). A worker waits for the broker instead. One environment serves both.
WORKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "visibility_timeout": 90,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "health_check_interval": 10,
}


@celeryd_init.connect
def wait_for_the_broker(conf: Any, **_: object) -> None:
    conf.broker_transport_options = WORKER_TRANSPORT_OPTIONS
