"""Choosing a password by a link from an e-mail: forgotten, or the first one.

The link proves the mailbox, and no more: nobody is signed in by it, the second factor is asked for
as ever, and counters and locks of codes stay as they are.
"""

from uuid import UUID

from axes.utils import reset
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.common import request_context
from backoffice.common.addresses import counted
from clients import password_links, sessions
from clients.link_models import LinkPurpose
from clients.models import User
from twofa import locks, log_actions, notices, trust_ends
from twofa.models.trusted_browser import TrustEnd
from twofa.notices import NoticeKind

PASSWORD_CHOSEN = log.action("twofa.password_chosen", _("Password chosen by a link"))
_KINDS = {
    LinkPurpose.RESET: NoticeKind.PASSWORD_CHANGED,
    LinkPurpose.INVITATION: NoticeKind.PASSWORD_CHOSEN,
}


def choose(key: UUID, new: str) -> User | None:
    """Set the password, once; None when the link is over. The caller has validated the new one.

    Every session ends, half sign-ins die with the old hash, and trusted browsers are none any more.
    """
    with transaction.atomic():
        link = password_links.find_open(key)
        if link is None:
            return None
        locks.hold(link.user)
        User.objects.select_for_update(no_key=True).get(pk=link.user_id)
        # Once more, now that nobody else can use it, change the password or block the client.
        link = password_links.find_open(key)
        if link is None:
            return None
        user = link.user
        user.set_password(new)
        user.save(update_fields=["password"])
        password_links.use_up(link)
        trust_ends.end_all(user, TrustEnd.PASSWORD_CHANGED)
        ended = sessions.end_all(user)
        _forgive(user)
        _record(user, link.purpose, ended)
        notices.tell(user, _KINDS[LinkPurpose(link.purpose)])
    return user


def _forgive(user: User) -> None:
    """Wrong passwords typed from this address count no more.

    Most who ask for a link have just been paused for them, and would find the new password refused
    too. They were tries at a password that is gone; other addresses stay paused.
    """
    if address := counted(request_context.current().address):
        reset(username=user.email, ip=address)


def _record(user: User, purpose: str, ended: int) -> None:
    log.record(
        PASSWORD_CHOSEN,
        actor=log_actions.actor(user),
        subject=log_actions.subject(user),
        facts={"purpose": purpose, "sessions_ended": ended},
    )
