"""What beat hands out must exist, and must not pile up."""

from typing import Any

import pytest

from backoffice.celery_app import app
from backoffice.celery_settings import CELERY_BEAT_SCHEDULE, CELERY_TASK_QUEUES


@pytest.mark.parametrize("entry", CELERY_BEAT_SCHEDULE.values(), ids=CELERY_BEAT_SCHEDULE.keys())
def test_each_entry_is_a_task_with_a_queue_and_an_end(entry: dict[str, Any]) -> None:
    app.loader.import_default_modules()
    assert entry["task"] in app.tasks
    assert entry["options"]["queue"] in CELERY_TASK_QUEUES
    assert 0 < entry["options"]["expires"] <= max(30, entry["schedule"])


@pytest.mark.parametrize("part", ["smsproviders", "twofa", "clients"])
def test_each_part_is_purged_every_minute(part: str) -> None:
    [entry] = [
        entry for entry in CELERY_BEAT_SCHEDULE.values() if entry["task"] == f"{part}.tasks.purge"
    ]
    assert entry["schedule"] == 60.0
