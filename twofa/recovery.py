"""Making new recovery codes, at the wish of their owner."""

from django.db import transaction
from django.http import HttpRequest

from twofa import notices, people, step_up, trust_ends
from twofa.models.trusted_browser import TrustEnd
from twofa.notices import NoticeKind
from twofa.recovery_codes import CODES, left, make_anew

__all__ = ["CODES", "left", "make"]


def make(request: HttpRequest) -> tuple[str, ...]:
    """Ten new codes, such as `ABCD-EFGH-JKLM-NPQR`, to be shown once; the old ones are void.

    `step_up.NotFresh` without a fresh step-up. Logged, and told to the client.
    """
    user = people.signed_in(request)
    with transaction.atomic():
        step_up.hold_fresh(request)
        fresh = make_anew(user)
        trust_ends.end_all(user, TrustEnd.RECOVERY_CODES_MADE)
        notices.tell(user, NoticeKind.RECOVERY_CODES_MADE)
    return fresh
