"""Celery's part of the settings: what docs/architecture.md, "Durability", asks of it.

The database row is the truth, a task only its trigger. Only constants; the broker's address stands
in `backoffice.settings`.
"""

import sys
from typing import Any

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_RATE_LIMITS = True
CELERY_TASK_SOFT_TIME_LIMIT = 20
CELERY_TASK_TIME_LIMIT = 30
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For ever, every 2 s (backoffice.broker): by default workers end after a hundred tries.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Redis knows no acknowledgement. Kombu's imitation of one gives the tasks of a dead worker to
    # another after its visibility timeout; the sweeper does within 12 s, and asks the row. The
    # imitation took 1.2 ms of the 2 that a worker's consumer needs for a task.
    "ack_emulation": False,
    # One: else each look into the queues names every queue four times.
    "priority_steps": [0],
    "socket_timeout": 0.4,
    "socket_connect_timeout": 0.4,
    "health_check_interval": 10,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_TASK_DEFAULT_QUEUE = "housekeeping"
CELERY_TASK_QUEUES: dict[str, dict[str, Any]] = {
    "codes": {},
    "reports": {},
    "notices": {},
    "housekeeping": {},
}
CELERY_TASK_ROUTES = {
    "smsproviders.tasks.send": {"queue": "codes"},
    "smsproviders.tasks.ask": {"queue": "reports"},
    "smsproviders.tasks.confirm": {"queue": "reports"},
    "twofa.tasks.send_notice": {"queue": "notices"},
    "twofa.tasks.answer_reset_request": {"queue": "notices"},
}
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Connections live as long as CONN_MAX_AGE says: see backoffice.celery_app.
CELERY_DB_REUSE_MAX = sys.maxsize
CELERY_TIMEZONE = "UTC"
# Idempotent, so that two beats do no harm; `expires`, so that nothing piles up without a worker.
CELERY_BEAT_SCHEDULE = {
    "sweep messages": {
        "task": "smsproviders.tasks.sweep",
        "schedule": 2.0,
        "options": {"queue": "codes", "expires": 10},
    },
    "settle messages": {
        "task": "smsproviders.tasks.settle",
        "schedule": 2.0,
        "options": {"queue": "reports", "expires": 10},
    },
    "sweep notices": {
        "task": "twofa.tasks.sweep_notices",
        "schedule": 10.0,
        "options": {"queue": "notices", "expires": 30},
    },
    "tell after incidents": {
        "task": "twofa.tasks.tell_after_incidents",
        "schedule": 30.0,
        "options": {"queue": "notices", "expires": 30},
    },
    "blank dead codes": {
        "task": "twofa.tasks.blank_dead_codes",
        "schedule": 15.0,
        "options": {"queue": "housekeeping", "expires": 30},
    },
    "check providers": {
        "task": "smsproviders.tasks.check_providers",
        "schedule": 300.0,
        "options": {"queue": "housekeeping", "expires": 240},
    },
    "check doubted providers": {
        "task": "smsproviders.tasks.check_doubted",
        "schedule": 10.0,
        "options": {"queue": "housekeeping", "expires": 10},
    },
    "tell operators": {
        "task": "backoffice.alerts.tasks.tell_operators",
        "schedule": 10.0,
        "options": {"queue": "notices", "expires": 10},
    },
    "tally": {
        "task": "smsproviders.tasks.tally",
        "schedule": 30.0,
        "options": {"queue": "housekeeping", "expires": 30},
    },
    "tally codes": {
        "task": "twofa.tasks.tally_codes",
        "schedule": 30.0,
        "options": {"queue": "housekeeping", "expires": 30},
    },
    "settle verdicts": {
        "task": "twofa.tasks.settle_verdicts",
        "schedule": 30.0,
        "options": {"queue": "housekeeping", "expires": 30},
    },
    "review routes": {
        "task": "smsproviders.tasks.review_routes",
        "schedule": 60.0,
        "options": {"queue": "housekeeping", "expires": 60},
    },
    "detect incidents": {
        "task": "smsproviders.tasks.detect_incidents",
        "schedule": 20.0,
        "options": {"queue": "housekeeping", "expires": 20},
    },
    "count spend": {
        "task": "smsproviders.tasks.count_spend",
        "schedule": 15.0,
        "options": {"queue": "housekeeping", "expires": 15},
    },
    "renew prices": {
        "task": "smsproviders.tasks.renew_prices",
        "schedule": 300.0,
        "options": {"queue": "housekeeping", "expires": 240},
    },
    "heartbeat": {
        "task": "smsproviders.tasks.heartbeat",
        "schedule": 5.0,
        "options": {"queue": "codes", "expires": 10},
    },
    "seal log": {
        "task": "backoffice.audit.tasks.seal",
        "schedule": 10.0,
        "options": {"queue": "housekeeping", "expires": 10},
    },
    # Often and little: see docs/operating.md.
    "purge messages": {
        "task": "smsproviders.tasks.purge",
        "schedule": 60.0,
        "options": {"queue": "housekeeping", "expires": 50},
    },
    "purge tries": {
        "task": "twofa.tasks.purge",
        "schedule": 60.0,
        "options": {"queue": "housekeeping", "expires": 50},
    },
    "purge sessions": {
        "task": "clients.tasks.purge",
        "schedule": 60.0,
        "options": {"queue": "housekeeping", "expires": 50},
    },
}
