"""`/health/live` and `/health/ready`, for orchestrators: no sign-in, no secret, never kept.

Ready means: this process can serve pages. That takes the database with its migrations, and nothing
else: a dead Redis must not take sign-in by authenticator away, so the broker, the worker, beat,
the queue and the sealing of the log stand in the body only.
"""

import logging
from functools import cache
from http import HTTPStatus

from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backoffice import broker_probe
from backoffice.audit.standing import standing
from smsproviders.queue_health import queue_health

OK, DEGRADED, UNAVAILABLE = "ok", "degraded", "unavailable"

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """This process answers. It asks nobody else: a restart would not mend a database."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    try:
        missing = unapplied_migrations()
        parts = {} if missing else parts_beside_the_database()
    except Error as error:
        logger.error("the database does not answer", extra={"error": type(error).__name__})
        return _unavailable(database=UNAVAILABLE)
    if missing:
        logger.error("migrations are not applied", extra={"missing": sorted(missing)})
        return _unavailable(database=OK, migrations=UNAVAILABLE)
    status = DEGRADED if DEGRADED in parts.values() else OK
    return JsonResponse({"status": status, "database": OK, "migrations": OK, **parts})


def _unavailable(**parts: str) -> JsonResponse:
    return JsonResponse({"status": UNAVAILABLE, **parts}, status=HTTPStatus.SERVICE_UNAVAILABLE)


def unapplied_migrations() -> set[str]:
    """Names such as `clients.0001_initial`; one read of a small table, whatever their number."""
    applied = MigrationRecorder(connection).applied_migrations()
    return {f"{app}.{name}" for app, name in _migrations_of_this_code() - applied.keys()}


@cache
def _migrations_of_this_code() -> frozenset[tuple[str, str]]:
    """Read from the disk once: the code of a running process does not change."""
    return frozenset(MigrationLoader(None).graph.nodes)


def parts_beside_the_database() -> dict[str, str]:
    queue = queue_health()
    facts = {
        "broker": broker_probe.answers(),
        "worker": queue.worker_is_well,
        "beat": queue.beat_is_well,
        "oldest_queued_message": queue.queue_is_well,
        "sealing": standing().is_well,
    }
    return {name: OK if well else DEGRADED for name, well in facts.items()}


urlpatterns = [
    path("health/live", live, name="health-live"),
    path("health/ready", ready, name="health-ready"),
]
