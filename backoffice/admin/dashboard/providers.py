"""SMS providers on the first page: those that codes go by."""

from backoffice.admin.provider_rows import Row, rows_of
from smsproviders.models import SmsProvider

SHOWN = 12


def rows() -> list[Row]:
    """The enabled ones, in the order in which they are tried."""
    enabled = SmsProvider.objects.filter(enabled=True).order_by("priority", "caption")
    return rows_of(list(enabled[:SHOWN]))
