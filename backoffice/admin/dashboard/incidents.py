"""Open incidents on the first page."""

from backoffice.admin.incidents import Row, row_of
from smsproviders import incidents

SHOWN = 10


def open_rows() -> list[Row]:
    """Those that go on, the oldest first. One query."""
    return [row_of(incident) for incident in incidents.open_now()[:SHOWN]]
