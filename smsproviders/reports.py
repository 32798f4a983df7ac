"""What providers tell later: stored once, applied forward only, in whatever order it comes."""

from collections.abc import Iterable

from smsproviders.contract import Report
from smsproviders.models import SmsProvider


def receive(provider: SmsProvider, reports: Iterable[Report], *, asked_for: bool) -> None:
    """Store each report and move its message on. `asked_for`: we asked, it was no callback.

    The attempt is found by the id in the report (our callback address carries it, so a report may
    come before the answer to the call), else by the provider's own id. A report of no attempt of
    this provider changes nothing and raises nothing; a replay neither.
    """
    raise NotImplementedError
