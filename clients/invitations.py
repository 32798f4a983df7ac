"""Inviting somebody who was added to choose a password. Operators never choose one for another."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.audit.models import ActorKind, Outcome
from clients import adding, password_links
from clients.link_keys import INVITATION_DAYS
from clients.link_models import LinkPurpose
from clients.models import Client, PasswordLink, User
from clients.signals import invited

INVITED = log.action("clients.invited", _("Invited to choose a password"))
ADD, INVITE = "clients.add_client", "clients.invite_client"
HOUR = timedelta(hours=1)
SENT_AN_HOUR = 3  # to one account: the e-mails must not become a nuisance


class NotInvited(Enum):
    HAS_PASSWORD = "has_password"  # noqa: S105 - a word of the log
    CLOSED = "closed"  # blocked, closed or inactive: no link would work
    TOO_MANY = "too_many"


@dataclass(frozen=True, slots=True)
class Invitation:
    """The newest of somebody without a password. `at` None: never invited."""

    at: datetime | None
    is_open: bool


def add_client(new: adding.NewClient, *, operator: User) -> Client:
    """Add and invite, both or neither; ValidationError as `adding.add_client`."""
    actor = log.Actor(ActorKind.OPERATOR, str(operator.pk))
    if new.password is not None:
        raise ValueError("an operator chooses no password for another")
    if not operator.has_perm(ADD):
        log.record(adding.CLIENT_ADDED, actor=actor, outcome=Outcome.REFUSED)
        raise PermissionDenied
    with transaction.atomic():
        client = adding.add_client(new, actor=actor)
        invite(client.user, actor=actor)
    return client


def may_invite(operator: User, client: Client) -> bool:
    """An operator who is a client too is invited by `add_operator` only."""
    return operator.has_perm(INVITE) and not client.user.is_staff


def invite_again(client: Client, *, operator: User) -> PasswordLink | NotInvited:
    """By an operator, on the client's page."""
    actor = log.Actor(ActorKind.OPERATOR, str(operator.pk))
    if not may_invite(operator, client):
        subject = f"user:{client.user_id}"
        log.record(INVITED, actor=actor, subject=subject, outcome=Outcome.REFUSED)
        raise PermissionDenied
    return invite(client.user, actor=actor)


def invite(user: User, *, actor: log.Actor) -> PasswordLink | NotInvited:
    """Send the link by e-mail; an earlier one is void. Its receiver must not fail."""
    with transaction.atomic():
        user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        refused = _refusal(user)
        _record(user, actor, refused)
        if refused:
            return refused
        life = timedelta(days=INVITATION_DAYS())
        made = password_links.make(user, LinkPurpose.INVITATION, life=life)
        invited.send(PasswordLink, link=made.link, token=made.token)
    return made.link


def standing(user: User) -> Invitation | None:
    """None for who has chosen a password."""
    if user.has_usable_password():
        return None
    link = password_links.newest(user, LinkPurpose.INVITATION)
    if link is None:
        return Invitation(None, is_open=False)
    link.user = user
    return Invitation(link.at, is_open=password_links.is_open(link, at=timezone.now()))


def _refusal(user: User) -> NotInvited | None:
    if user.has_usable_password():
        return NotInvited.HAS_PASSWORD
    if not user.may_sign_in:
        return NotInvited.CLOSED
    sent = password_links.made_since(user, LinkPurpose.INVITATION, timezone.now() - HOUR)
    return NotInvited.TOO_MANY if sent >= SENT_AN_HOUR else None


def _record(user: User, actor: log.Actor, refused: NotInvited | None) -> None:
    log.record(
        INVITED,
        actor=actor,
        subject=f"user:{user.pk}",
        outcome=Outcome.REFUSED if refused else Outcome.DONE,
        facts={"refused": refused.value} if refused else {},
    )
