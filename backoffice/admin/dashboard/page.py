"""What the first page shows, to each operator the parts that he has a right to.

Read from rows that beat jobs have added up, and from short indexes: some twenty queries, whatever
was sent and however many clients there are.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from backoffice.admin.dashboard import codes, incidents, machinery, people, providers, verdicts
from twofa.people import signed_in

# The name of each part in the template, what makes it, and the permission that opens it.
PARTS: tuple[tuple[str, Callable[[], Any], str], ...] = (
    ("figures", people.figures, "clients.view_client"),
    ("lost_devices", people.lost_devices, "twofa.view_supportrequest"),
    ("incidents", incidents.open_rows, "smsproviders.view_incident"),
    ("codes", codes.picture, "smsproviders.view_smsmessage"),
    ("providers", providers.rows, "smsproviders.view_smsprovider"),
    ("machinery", machinery.lines, "smsproviders.view_smsmessage"),
    ("verdicts", verdicts.table, "twofa.diagnose_client"),
)


def context(request: HttpRequest) -> dict[str, Any]:
    """A part that this operator may not see is missing."""
    operator = signed_in(request)
    parts = {name: make() for name, make, right in PARTS if operator.has_perm(right)}
    return {**parts, "has_parts": bool(parts)}
