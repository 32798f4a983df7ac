"""Browsers that sign in by password alone for some weeks: trusted, used, stopped.

A convenience that System > Settings switches on, for clients only. It is no second factor: whatever
asks for a fresh code asks for it in such a session too. Each use gives the browser a new secret; an
old one shown again means that it was copied, and ends the trust. In doubt a code is asked for.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from backoffice.common import request_context
from backoffice.common.addresses import address_block
from backoffice.common.encryption import derive_key
from clients.models import User, UserSession
from twofa import (
    factor_facts,
    locks,
    log_actions,
    notices,
    people,
    step_up,
    trust_ends,
    trusted_cookie,
)
from twofa.browser_family import family_of
from twofa.codes import equal
from twofa.models import Authenticator, SmsConfirmation, TrustedBrowser, VerificationState
from twofa.models.trusted_browser import TrustEnd
from twofa.notices import NoticeKind
from twofa.policy_keys import TRUSTED_BROWSER_DAYS, TRUSTED_BROWSERS
from twofa.results import Device
from twofa.trusted_cookie import Proof

# The secret before still counts for so long: two tabs at once, or an answer that was lost.
GRACE = timedelta(seconds=60)
# Of one user; the one that was not used for longest makes room.
MOST = 10


@dataclass(frozen=True, slots=True)
class Trusted:
    """`proof` is what the browser is to keep from now on, until `until`."""

    browser: TrustedBrowser
    proof: Proof
    until: datetime


def days_offered(user: User) -> int:
    """For how many days this user may trust a browser now; 0: not at all."""
    return TRUSTED_BROWSER_DAYS() if TRUSTED_BROWSERS() and not user.is_staff else 0


def is_void(user: User, device: object) -> bool:
    """Whether the user's session was begun by a trusted browser, and none is to be any more."""
    return isinstance(device, TrustedBrowser) and not days_offered(user)


def live(user: User) -> Sequence[TrustedBrowser]:
    """Those that would be taken, the last used first."""
    rows = TrustedBrowser.objects.filter(user=user, revoked_at=None)
    return [row for row in rows.order_by("-last_used_at") if is_live(user, row)]


def is_live(user: User, row: TrustedBrowser) -> bool:
    """Whether this browser of the user's would be taken, if it is the one that it seems."""
    return row.revoked_at is None and timezone.now() < ends_at(row) and days_offered(user) > 0


def trust(request: HttpRequest) -> Trusted | None:
    """Trust this browser, whose session has just been verified by a code of a main factor.

    None when it may not be. PermissionDenied when the session was ended meanwhile.
    """
    user, at = people.signed_in(request), timezone.now()
    with transaction.atomic():
        step_up.hold_signed_in(request)
        days = days_offered(user)
        device = people.code_device(request)
        if not days or not isinstance(device, Authenticator | SmsConfirmation):
            return None
        _make_room(user, trusted_cookie.shown(request))
        secret = secrets.token_urlsafe(32)
        context = request_context.current()
        row = TrustedBrowser.objects.create(
            user=user,
            digest=_digest(secret),
            password_digest=_password_digest(user),
            created_at=at,
            last_used_at=at,
            expires_at=at + timedelta(days=days),
            browser=context.browser,
            address_block=address_block(context.address),
            session=UserSession.objects.get(session_key=request.session.session_key),
        )
        _tell_begun(user, row, device)
    return Trusted(row, Proof(row.pk, secret), row.expires_at)


def redeem(user: User, proof: Proof, *, state: VerificationState, at: datetime) -> Trusted | None:
    """Take what a browser showed after the right password, and rotate it; None: ask for a code.

    `state` is held by the caller. While codes are locked nobody comes in this way either: somebody
    who knows the password is guessing, and only a recovery code opens.
    """
    if not days_offered(user) or locks.lock_of(state, at=at) or not factor_facts.offered(user):
        return None
    rows = TrustedBrowser.objects.select_for_update().filter(user=user, revoked_at=None)
    row = rows.filter(pk=proof.series).first()
    if row is None or at >= ends_at(row) or not equal(row.password_digest, _password_digest(user)):
        return None
    following = _following(proof)
    shown, kept = _digest(proof.secret), _digest(following)
    is_present = equal(shown, row.digest)
    is_repeated = equal(shown, row.previous_digest) and at < row.rotated_at + GRACE
    if not is_present and not is_repeated:
        _tell_copied(user, row)
        return None
    context = request_context.current()
    if family_of(context.browser) != family_of(row.browser):
        return None
    if is_present:
        row.previous_digest, row.digest, row.rotated_at = shown, kept, at
    elif not equal(kept, row.digest):
        return None  # made with another of DATA_KEYS a moment ago
    row.last_used_at, row.browser = at, context.browser
    row.address_block = address_block(context.address)
    row.save()
    return Trusted(row, Proof(row.pk, following), ends_at(row))


def note_session(browser: TrustedBrowser, session: UserSession) -> None:
    """The session that it has just begun."""
    TrustedBrowser.objects.filter(pk=browser.pk).update(session=session)


def stop(request: HttpRequest, browser: TrustedBrowser | None = None) -> int:
    """Stop trusting one browser of the signed-in user, or all. Needs no fresh code: it protects."""
    user = people.signed_in(request)
    rows = TrustedBrowser.objects.filter(user=user)
    with transaction.atomic():
        locks.hold(user)
        return trust_ends.end(
            rows.filter(pk=browser.pk) if browser else rows,
            user,
            TrustEnd.STOPPED,
            actor=log_actions.actor(user),
        )


def ends_at(row: TrustedBrowser) -> datetime:
    """A shorter time in System > Settings counts at once."""
    return min(row.expires_at, row.created_at + timedelta(days=TRUSTED_BROWSER_DAYS()))


def _make_room(user: User, shown: Proof | None) -> None:
    rows = TrustedBrowser.objects.filter(user=user, revoked_at=None)
    keep = rows.order_by("-last_used_at").values_list("pk", flat=True)
    kept = [pk for pk in keep if shown is None or pk != shown.series][: MOST - 1]
    trust_ends.end(rows.exclude(pk__in=kept), user, TrustEnd.REPLACED)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _password_digest(user: User) -> str:
    return _digest(f"{user.pk}:{user.password}")


def _following(proof: Proof) -> str:
    """The secret after that one. Nobody without our key can tell it; we can tell it again, and so
    give two tabs that sign in at once, or one that got no answer, the very same."""
    message = proof.series.bytes + proof.secret.encode()
    made = hmac.digest(derive_key("twofa trusted browser"), message, "sha256")
    return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _tell_begun(user: User, row: TrustedBrowser, device: Device) -> None:
    log.record(
        log_actions.BROWSER_TRUSTED,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        facts={"factor": str(device.kind), "until": row.expires_at.isoformat()},
    )
    name, days = str(family_of(row.browser)), days_offered(user)
    notices.tell(user, NoticeKind.BROWSER_TRUSTED, {"browser": name, "days": days})


def _tell_copied(user: User, row: TrustedBrowser) -> None:
    """Whoever shows it knows the password: the client must hear of it."""
    rows = TrustedBrowser.objects.filter(pk=row.pk)
    trust_ends.end(rows, user, TrustEnd.COPIED)
    log.record(
        log_actions.TRUST_COPIED,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        outcome=Outcome.REFUSED,
    )
    notices.tell(user, NoticeKind.TRUST_COPIED, {"browser": str(family_of(row.browser))})
