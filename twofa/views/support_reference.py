"""The short reference on a page that failed: support types it, and sees what happened then.

A challenge has one. Where none stands (a wrong password, a lock, a refused send) one is made here
and kept in the log, with whom it concerns and when.
"""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit import log
from clients.models import User
from clients.users import normalise
from twofa import log_actions
from twofa.models import Challenge
from twofa.references import random_word

# As long as a sign-in takes: until then a page that is loaded again shows the same.
KEPT = timedelta(minutes=10)
SYMBOLS = 8
_KEY = "support_reference"


def of(request: HttpRequest, user: User, challenge: Challenge | None = None) -> str:
    """For a page of somebody whose password was right; "" when too many were made just now."""
    if challenge is not None:
        return challenge.public_reference
    now = timezone.now().timestamp()
    kept = request.session.get(_KEY)
    if kept and kept["user"] == str(user.pk) and now - kept["at"] < KEPT.total_seconds():
        return str(kept["reference"])
    reference = _make(log_actions.subject(user))
    if reference:
        request.session[_KEY] = {"user": str(user.pk), "at": now, "reference": reference}
    return reference


def of_email(request: HttpRequest, email: str) -> str:
    """For the password step. Made for an e-mail that nobody has, too: the page tells no difference.

    One a request: after too many passwords another page answers. Nothing is kept in the session,
    since who only passes by gets none.
    """
    known: str | None = getattr(request, _KEY, None)
    if known is None:
        user = User.objects.filter(email=normalise(email)).first()
        # After too many the word leads nowhere, but stands there: all that nobody has are counted
        # as one, so a page without would tell that an e-mail is none, or is one.
        known = _make(log_actions.subject(user) if user else "") or random_word(SYMBOLS)
        setattr(request, _KEY, known)
    return known


def _make(subject: str) -> str:
    if log_actions.is_repeated(log_actions.REFERENCE_GIVEN, subject):
        return ""
    reference = random_word(SYMBOLS)
    log.record(
        log_actions.REFERENCE_GIVEN,
        actor=log.ANYONE,
        subject=subject,
        facts={"reference": reference},
    )
    return reference
