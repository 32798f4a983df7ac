"""What beat does: seal, keep the head outside, and write down how it went."""

import logging

from django.db import DatabaseError
from django.utils import timezone

from backoffice.audit import sealing
from backoffice.audit.head_keeping import keep_outside
from backoffice.audit.models import SealingState

Trouble = SealingState.Trouble
# Of these nothing is sealed.
STOPPED = {Trouble.FAILED, Trouble.HEAD_UNSIGNED}
logger = logging.getLogger(__name__)


def seal_and_tell() -> SealingState:
    """The state as it is written down. A fault of one part does not hide the others'."""
    state, _made = SealingState.objects.get_or_create(pk=1)
    troubles = [_seal(), keep_outside(state)]
    trouble = next(filter(None, troubles), "")
    if trouble != state.trouble:
        state.trouble, state.trouble_since = trouble, timezone.now() if trouble else None
    if not STOPPED.intersection(troubles):
        state.ran_at = timezone.now()
    state.save(update_fields=["ran_at", "trouble", "trouble_since", "written"])
    return state


def _seal() -> str:
    try:
        return sealing.seal_waiting().trouble
    except sealing.ForeignSeal:
        logger.error("the last seal is not signed with AUDIT_KEY: nothing is sealed")
        return Trouble.HEAD_UNSIGNED
    except DatabaseError as error:
        # The text may quote a row.
        logger.error("sealing failed", extra={"error": type(error).__name__})
        return Trouble.FAILED
