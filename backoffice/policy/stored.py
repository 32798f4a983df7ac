"""The changed values, read together and kept for a moment: a page asks for a dozen of them.

Another process sees a change after at most `SECONDS`; this one at once.
"""

import time
from typing import Any

from backoffice.policy.models import SystemSetting

SECONDS = 2.0

_kept: tuple[float, dict[str, Any]] | None = None


def values() -> dict[str, Any]:
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > SECONDS:
        _kept = (time.monotonic(), dict(SystemSetting.objects.values_list("key", "value")))
    return _kept[1]


def forget() -> None:
    """Read from the database again next time."""
    global _kept
    _kept = None
