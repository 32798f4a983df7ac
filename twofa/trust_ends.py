"""What ends the trust in browsers. For callers that hold the user's row, or the browser's, in a
transaction.

Whoever ends all sessions of a user ends it too, by a signal of `clients`: no way of doing so can
forget it.
"""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from backoffice.audit import log
from clients.models import User, UserSession
from twofa import log_actions
from twofa.models import TrustedBrowser
from twofa.models.trusted_browser import TrustEnd


def end_all(user: User, why: TrustEnd, *, actor: log.Actor = log.SYSTEM) -> int:
    """How many there were. Sessions that these browsers began are unverified at once."""
    return end(TrustedBrowser.objects.filter(user=user), user, why, actor=actor)


def end(
    rows: QuerySet[TrustedBrowser], user: User, why: TrustEnd, *, actor: log.Actor = log.SYSTEM
) -> int:
    """End those of one user's that still stand; how many there were. Logged."""
    ended = rows.filter(revoked_at=None).update(
        confirmed=False, revoked_at=timezone.now(), revoked_why=why
    )
    if ended:
        log.record(
            log_actions.TRUST_ENDED,
            actor=actor,
            subject=log_actions.subject(user),
            facts={"browsers": ended, "why": str(why)},
        )
    return ended


def switched_off() -> None:
    """Nobody may trust a browser any more."""
    TrustedBrowser.objects.filter(revoked_at=None).update(
        confirmed=False, revoked_at=timezone.now(), revoked_why=TrustEnd.SWITCHED_OFF
    )


def on_sessions_end(user: User, session: UserSession | None, **_: Any) -> None:
    """One session: the browser that it is in could bring it back."""
    rows = TrustedBrowser.objects.filter(user=user)
    end(rows if session is None else rows.filter(session=session), user, TrustEnd.SIGNED_OUT)
