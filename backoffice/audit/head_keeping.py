"""Writing the head outside, after sealing, without ever holding sealing up."""

import hashlib
import logging

from django.conf import settings

from backoffice.audit.head import Head, HeadUnreadable, fits, last_seal
from backoffice.audit.head_places import Place, PlaceFailed, place_of
from backoffice.audit.models import SealingState

Trouble = SealingState.Trouble
logger = logging.getLogger(__name__)


def keep_outside(state: SealingState) -> str:
    """Write the newest head where AUDIT_HEAD_URL says, if it is not there yet; the trouble, or "".

    Fills `state` with what was written; the caller saves it.
    """
    url, seal = settings.AUDIT_HEAD_URL, last_seal()
    if not url or seal is None:
        return ""
    # Not by its number alone: a log that was cut grows to the same number again.
    written = hashlib.sha256(f"{seal.digest} {url}".encode()).hexdigest()[:16]
    # A fault is looked at again each time, so that it is over as soon as it is mended.
    if not state.trouble and state.written == written:
        return ""
    trouble = _write(place_of(url), Head.of(seal))
    if not trouble:
        state.written = written
    return trouble


def _write(place: Place, head: Head) -> str:
    """Never over a head that the log does not have: that is the proof of what was cut off."""
    try:
        if _is_cut(place.read()):
            logger.error("the head outside knows seals that the log does not have")
            return Trouble.HEAD_CUT
        place.write(head.written())
    except PlaceFailed as error:
        logger.error("the head was not written outside", extra={"error": str(error)})
        return Trouble.HEAD_UNWRITTEN
    return ""


def _is_cut(there: bytes | None) -> bool:
    if not there:
        return False
    try:
        return not fits(Head.read(there))
    except HeadUnreadable as error:
        # Somebody else's file, or a forged head: an operator must look at it.
        raise PlaceFailed(f"something else lies there: {error}") from None
