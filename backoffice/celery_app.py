"""The Celery application. Knows no app of ours: tasks are found by autodiscovery."""

import os
import threading
import time
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, task_postrun, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")

app = Celery("backoffice", amqp="backoffice.broker:Amqp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The settings hold the web's values: a page must give up on a silent broker within a second
# (measured: 0.8 s). A worker waits for the broker instead. One environment serves both.
WORKERS_WAIT = {"socket_timeout": 5, "socket_connect_timeout": 1}
WEB_ONLY = ("max_retries", "interval_start", "interval_step", "interval_max")


@celeryd_init.connect
def wait_for_the_broker(conf: Any, **_: object) -> None:
    kept = {**conf.broker_transport_options, **WORKERS_WAIT}
    conf.broker_transport_options = {
        name: value for name, value in kept.items() if name not in WEB_ONLY
    }


# A connection that answered so shortly ago is not asked whether it works before each task: that is
# one statement of thirteen for an SMS. One that failed is asked, and replaced, whenever it was.
TRUSTED_SECONDS = 1.0


class _Ended(threading.local):
    """When the last task of this thread ended, in monotonic seconds."""

    at = float("-inf")


_ended = _Ended()


# Celery closes the database's connection before and after each task, whatever CONN_MAX_AGE says:
# half of what an SMS costs PostgreSQL. CELERY_DB_REUSE_MAX leaves it to this, which is what Django
# does before each request: close what is too old, and ask what is kept whether it still works.
@task_prerun.connect
def keep_working_connections(**_: object) -> None:
    from django.db import close_old_connections, connections

    close_old_connections()
    if time.monotonic() - _ended.at < TRUSTED_SECONDS:
        for connection in connections.all(initialized_only=True):
            connection.health_check_done = True  # type: ignore[attr-defined]


@task_postrun.connect
def note_the_end(**_: object) -> None:
    _ended.at = time.monotonic()
