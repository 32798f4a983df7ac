"""A forgotten password: a link by e-mail, for who reads the mailbox of the account.

The page writes down what was typed and looks nothing up, so that it answers, and takes, the same
for every address. A worker finds out whose it is.
"""

import json
import logging
from dataclasses import asdict
from datetime import timedelta
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import Outcome
from backoffice.common import advisory_locks, request_context
from backoffice.common.addresses import counted
from backoffice.common.encryption import DecryptionFailed
from backoffice.common.request_context import RequestContext
from clients import password_links
from clients.link_keys import RESET_MINUTES, RESETS_NETWORK_HOUR
from clients.link_models import LinkPurpose
from clients.models import ResetRequest, User
from clients.people import contact_held_until
from clients.users import normalise
from twofa import log_actions, notices, password_mails
from twofa.notice_sending import publish_task_on_commit
from twofa.notices import NoticeKind

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# To one account: a stranger cannot fill a mailbox. What was sent last stays good meanwhile.
SENT_AN_HOUR, SENT_A_DAY = 3, 10
# So many times as often from a browser that signed in to the account before: a stranger who asks
# all day long cannot keep the client from a new password.
KNOWN_BROWSER = 2
# Nobody waits for the e-mail any longer.
STALE = HOUR
SWEPT_AT_ONCE = 100

logger = logging.getLogger(__name__)


class NotSent(Enum):
    UNKNOWN = "unknown"
    CLOSED = "closed"  # blocked, closed or inactive
    TOO_MANY = "too_many"
    HELD = "held"  # an operator changed the address within the last day


def ask(email: str, *, known: bool = False) -> bool:
    """Whoever it is. False when too many were asked for from that network.

    `known`: from a browser in which that account signed in before.
    """
    context, at = request_context.current(), timezone.now()
    network = counted(context.address) or None
    with transaction.atomic():
        advisory_locks.hold(f"password reset {network}")
        recent = ResetRequest.objects.filter(network=network, at__gt=at - HOUR)
        if recent.count() >= RESETS_NETWORK_HOUR():
            return False
        asked = json.dumps({"email": normalise(email), "known": known, "context": asdict(context)})
        request = ResetRequest.objects.create(network=network, asked=asked, at=at)
        publish_task_on_commit("twofa.tasks.answer_reset_request", request.pk)
    return True


def sweep() -> int:
    """Answer what no task answered; how many."""
    waiting = ResetRequest.objects.filter(handled_at=None, at__gt=timezone.now() - STALE)
    keys = list(waiting.order_by("at").values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for key in keys:
        try:
            answer(key)
        except Exception as error:  # noqa: BLE001 - one that fails must not stop the others
            facts = {"id": str(key), "error": type(error).__name__}
            logger.warning("a password reset request was not answered", extra=facts)
    return len(keys)


def answer(key: UUID) -> None:
    """Send the link if that is an account's address, once."""
    with transaction.atomic():
        rows = ResetRequest.objects.select_for_update(skip_locked=True)
        request = rows.filter(pk=key, handled_at=None).first()
        if request is None:
            return
        try:
            asked = json.loads(request.asked)
        except DecryptionFailed:
            logger.warning("a password reset request cannot be read", extra={"id": str(key)})
            return  # another process may have the key
        request.handled_at, request.asked = timezone.now(), ""
        request.save(update_fields=["handled_at", "asked"])
        with request_context.during(RequestContext(**asked["context"])):
            _answer(asked["email"], known=asked.get("known", False))


def _answer(email: str, *, known: bool) -> None:
    rows = User.objects.select_for_update(no_key=True, of=("self",)).select_related("client")
    user = rows.filter(email=email).first()
    refused = _refusal(user, known=known)
    _record(user, refused)
    if user is None:
        return
    if refused is NotSent.HELD:
        notices.tell_at_most_hourly(user, NoticeKind.PASSWORD_RESET_HELD, {})
    elif refused is None:
        life = timedelta(minutes=RESET_MINUTES())
        password_mails.reset(password_links.make(user, LinkPurpose.RESET, life=life))


def _refusal(user: User | None, *, known: bool) -> NotSent | None:
    if user is None:
        return NotSent.UNKNOWN
    if not user.may_sign_in:
        return NotSent.CLOSED
    if _too_many(user, times=KNOWN_BROWSER if known else 1):
        return NotSent.TOO_MANY
    # Else an operator could enter an address of his own and take the account over by it.
    if user.has_usable_password() and contact_held_until(user):
        return NotSent.HELD
    return None


def _too_many(user: User, *, times: int) -> bool:
    at = timezone.now()
    return any(
        password_links.made_since(user, LinkPurpose.RESET, at - window) >= times * most
        for window, most in ((HOUR, SENT_AN_HOUR), (DAY, SENT_A_DAY))
    )


def _record(user: User | None, refused: NotSent | None) -> None:
    action = log_actions.PASSWORD_RESET_ASKED
    subject = log_actions.subject(user) if user else ""
    if refused and log_actions.is_repeated(action, subject):
        return
    log.record(
        action,
        actor=log.ANYONE,
        subject=subject,
        outcome=Outcome.REFUSED if refused else Outcome.DONE,
        facts={"refused": refused.value} if refused else {},
    )
