"""Telling people by e-mail what happened to their second factor: a durable outbox.

A notice is a row, written in the transaction of what it tells; a task, or the sweeper, sends it.
The texts are `templates/twofa/notices/<kind>.txt`: the subject on the first line.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from django.utils import timezone

from backoffice.common import request_context
from clients.models import User
from twofa import notice_sending, texts
from twofa.models import Notice
from twofa.vocabulary import FactorKind

QUIET = timedelta(hours=1)


class NoticeKind(StrEnum):
    FACTOR_ENABLED = "factor_enabled"
    FACTOR_REPLACED = "factor_replaced"
    FACTOR_DISABLED = "factor_disabled"
    FACTOR_RESET = "factor_reset"  # by an operator
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a text
    PASSWORD_CHOSEN = "password_chosen"  # noqa: S105 - the first one, by an invitation
    PASSWORD_RESET = "password_reset"  # noqa: S105 - with a link
    PASSWORD_RESET_HELD = "password_reset_held"  # noqa: S105 - after a change of the address
    INVITED = "invited"  # with a link
    RECOVERY_CODES_MADE = "recovery_codes_made"
    RECOVERY_CODE_USED = "recovery_code_used"
    WRONG_CODES = "wrong_codes"
    HARD_LOCKED = "hard_locked"
    UNLOCKED = "unlocked"  # by an operator
    RESYNCHRONISED = "resynchronised"
    APPROVAL_ASKED = "approval_asked"  # by an operator, with a link
    TEMPORARY_CODE_ISSUED = "temporary_code_issued"  # by an operator
    TEMPORARY_CODE_USED = "temporary_code_used"
    AFTER_INCIDENT = "after_incident"
    BROWSER_TRUSTED = "browser_trusted"
    TRUST_COPIED = "trust_copied"  # and the browser is not trusted any more
    # The states of a lost-device request, each with a link.
    LOST_DEVICE_RECEIVED = "lost_device_received"
    LOST_DEVICE_TAKEN = "lost_device_taken"
    LOST_DEVICE_MORE_NEEDED = "lost_device_more_needed"
    LOST_DEVICE_ANSWERED = "lost_device_answered"
    LOST_DEVICE_REFUSED = "lost_device_refused"
    LOST_DEVICE_WITHDRAWN = "lost_device_withdrawn"
    LOST_DEVICE_DENIED = "lost_device_denied"
    CONTACT_CHANGED = "contact_changed"  # by an operator; to the old address and the new


def tell(
    user: User,
    kind: StrEnum,
    facts: Mapping[str, str | int] | None = None,
    *,
    factors: tuple[FactorKind, ...] = (),
) -> Notice:
    """Queue an e-mail to the user, in the present transaction.

    `kind` is a NoticeKind; the layer above has kinds of its own, with texts of its own.
    """
    at = timezone.now()
    context = {
        **(facts or {}),
        "factors": [str(factor) for factor in factors],
        "at": at.isoformat(),
        "address": request_context.current().address,
    }
    notice = Notice.objects.create(
        user=user,
        kind=kind,
        language=texts.language_of(user),
        to=user.email,
        context=json.dumps(context),
        created_at=at,
        next_try_at=at,
    )
    notice_sending.publish_on_commit(notice)
    return notice


def tell_at_most_hourly(user: User, kind: NoticeKind, facts: Mapping[str, str | int]) -> None:
    """For what a stranger can repeat: he must not be able to flood the client's mailbox."""
    since = timezone.now() - QUIET
    if not Notice.objects.filter(user=user, kind=kind, created_at__gt=since).exists():
        tell(user, kind, facts)
