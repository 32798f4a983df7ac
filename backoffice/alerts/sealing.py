"""Operators are told when the log is no longer sealed as it should be, and when it is again."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.admin.log_sealing import FAULTS
from backoffice.alerts.operators import Alert, tell_operators
from backoffice.audit.models import SealingState
from backoffice.audit.standing import standing
from backoffice.common import advisory_locks

PERMISSION = "audit.view_auditseal"


@transaction.atomic
def tell_changes() -> bool:
    """Whether there was something to tell. Two at once tell nothing twice."""
    advisory_locks.hold("telling of the sealing")
    found, state = standing(), SealingState.objects.first()
    trouble = found.lasting_trouble
    # What has not lasted yet is neither news, nor well again.
    if state is None or trouble == state.told_trouble or (found.trouble and not trouble):
        return False
    tell_operators(PERMISSION, _alert(trouble, since=found.trouble_since or timezone.now()))
    SealingState.objects.update(told_trouble=trouble)
    return True


def _alert(trouble: str, *, since: datetime) -> Alert:
    fault = FAULTS.get(trouble)
    return Alert(
        about=_("Log"),
        title=fault.words if fault else _("sealed again"),
        what=fault.what if fault else _("The log is sealed as it should be."),
        to_do=fault.to_do if fault else _("There is nothing to do."),
        since=since,
        path=reverse("admin:audit_auditevent_changelist"),
    )
