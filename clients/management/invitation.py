"""The invitation that a command sends to somebody who was added without a password."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind
from clients import invitations
from clients.link_keys import INVITATION_DAYS
from clients.models import PasswordLink, User

COMMAND = Actor(ActorKind.COMMAND)


def add_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--no-invitation",
        action="store_true",
        help="without a password: send no e-mail with a link to choose one",
    )


def send(user: User, options: Mapping[str, Any]) -> bool:
    """Whether one was sent: not to who has a password, nor when it was not wanted."""
    if options["no_invitation"] or user.has_usable_password():
        return False
    return isinstance(invitations.invite(user, actor=COMMAND), PasswordLink)


def words(invited: bool) -> str:
    """For who has no password."""
    if not invited:
        return "No password was given, and no invitation sent: nobody can sign in there yet."
    return (
        f"An e-mail with a link to choose a password is on its way; it works for "
        f"{INVITATION_DAYS()} days."
    )
