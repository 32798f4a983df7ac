"""What an operator changes about a client, one function per act: permission, change and log.

E-mail and phone are where notices go. Who can change them and then ask for a reset could take an
account over in two steps, so the change is a right of its own and holds every reset back for a day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.utils import reset
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from clients import sessions
from clients.models import Client, ClientStatus, User, UserSession

CONTACT_CHANGED = log.action("clients.contact_changed", _("E-mail or phone changed by an operator"))
BLOCKED = log.action("clients.blocked", _("Client blocked by an operator"))
UNBLOCKED = log.action("clients.unblocked", _("Client unblocked by an operator"))
PASSWORDS_FORGIVEN = log.action(
    "clients.passwords_forgiven", _("Wrong passwords forgiven by an operator")
)
SESSIONS_ENDED = log.action("clients.sessions_ended", _("Sessions ended by an operator"))

HOLD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class ContactChange:
    """What stood before and stands now; equal where nothing changed."""

    old_email: str
    new_email: str
    old_phone: str  # E.164 or ""
    new_phone: str

    @property
    def fields(self) -> list[str]:
        changed = {
            "email": self.old_email != self.new_email,
            "phone": self.old_phone != self.new_phone,
        }
        return [name for name, is_changed in changed.items() if is_changed]


def change_contact(
    client: Client, *, email: str, phone: str, operator: User, reason: str
) -> ContactChange:
    """Set e-mail (lower case, not taken) and phone (E.164, or ""), validated by the caller.

    The caller tells both addresses, in the same transaction.
    """
    subject = _permitted(client, operator, "clients.change_contact", CONTACT_CHANGED)
    with transaction.atomic():
        user, row = _hold(client)
        change = ContactChange(user.email, email, str(row.phone), phone)
        if "email" in change.fields:
            User.objects.filter(pk=user.pk).update(email=email)
        if "phone" in change.fields:
            Client.objects.filter(pk=row.pk).update(phone=phone, phone_confirmed_at=None)
        if change.fields:
            log.record(
                CONTACT_CHANGED,
                actor=_actor(operator),
                subject=subject,
                reason=reason,
                facts={"fields": change.fields},
                personal_details={"old_email": change.old_email, "old_phone": change.old_phone},
            )
    return change


def contact_held_until(user: User) -> datetime | None:
    """Until when no factor may be disabled, since an operator changed where notices go."""
    changed_at = (
        AuditEvent.objects.filter(
            subject=_subject(user.pk), action=CONTACT_CHANGED.key, outcome=Outcome.DONE
        )
        .order_by("-id")
        .values_list("at", flat=True)
        .first()
    )
    if changed_at is None or changed_at + HOLD <= timezone.now():
        return None
    return changed_at + HOLD


def block(client: Client, *, operator: User, reason: str) -> bool:
    """No sign-in from now on, and every session ends. False when it was blocked already."""
    subject = _permitted(client, operator, "clients.block_client", BLOCKED)
    with transaction.atomic():
        _hold(client)
        rows = Client.objects.filter(pk=client.pk).exclude(status=ClientStatus.BLOCKED)
        if not rows.update(status=ClientStatus.BLOCKED):
            return False
        User.objects.filter(pk=client.user_id).update(is_active=False)
        ended = sessions.end_all(client.user)
        log.record(
            BLOCKED,
            actor=_actor(operator),
            subject=subject,
            reason=reason,
            facts={"sessions_ended": ended},
        )
    return True


def unblock(client: Client, *, operator: User, reason: str) -> bool:
    """Sign-in works again. False when the client was not blocked."""
    subject = _permitted(client, operator, "clients.block_client", UNBLOCKED)
    with transaction.atomic():
        _hold(client)
        blocked = Client.objects.filter(pk=client.pk, status=ClientStatus.BLOCKED)
        if not blocked.update(status=ClientStatus.ACTIVE):
            return False
        User.objects.filter(pk=client.user_id).update(is_active=True)
        log.record(UNBLOCKED, actor=_actor(operator), subject=subject, reason=reason)
    return True


def forgive_passwords(client: Client, *, operator: User) -> int:
    """Forget the wrong passwords that block the sign-in; from how many addresses they came."""
    subject = _permitted(client, operator, "clients.block_client", PASSWORDS_FORGIVEN)
    with transaction.atomic():
        forgotten = reset(username=client.user.email)
        if forgotten:
            facts = {"addresses": forgotten}
            log.record(PASSWORDS_FORGIVEN, actor=_actor(operator), subject=subject, facts=facts)
    return int(forgotten)


def end_sessions(client: Client, *, operator: User, only: UserSession | None = None) -> int:
    """End one session of the client, or all; how many were live."""
    subject = _permitted(client, operator, "clients.end_sessions", SESSIONS_ENDED)
    with transaction.atomic():
        if only is None:
            ended = sessions.end_all(client.user)
        else:
            ended = int(only.ended_at is None)
            sessions.end_from_elsewhere(only)
        if ended:
            facts = {"ended": ended, "all": only is None}
            log.record(SESSIONS_ENDED, actor=_actor(operator), subject=subject, facts=facts)
    return ended


def _hold(client: Client) -> tuple[User, Client]:
    """Both rows, always in this order, so that two operators cannot wait for each other."""
    user = User.objects.select_for_update().get(pk=client.user_id)
    return user, Client.objects.select_for_update().get(pk=client.pk)


def _permitted(client: Client, operator: User, permission: str, act: log.Action) -> str:
    """What the log calls the client; PermissionDenied, logged, without the permission.

    An operator who is a client too is changed under Users, by those who may; nobody acts on
    himself.
    """
    subject = _subject(client.user_id)
    if operator.has_perm(permission) and not client.user.is_staff:
        return subject
    log.record(act, actor=_actor(operator), subject=subject, outcome=Outcome.REFUSED)
    raise PermissionDenied


def _actor(operator: User) -> log.Actor:
    return log.Actor(ActorKind.OPERATOR, str(operator.pk))


def _subject(user_id: object) -> str:
    return f"user:{user_id}"
