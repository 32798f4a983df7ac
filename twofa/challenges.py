"""Asking for a code: one challenge a user, factor, purpose and session; the newest only counts."""

from uuid import UUID

from clients.models import User
from twofa.models import Challenge
from twofa.results import SendRefused, Started, Status
from twofa.vocabulary import FactorKind, Purpose


def start(
    user: User, *, factor: FactorKind, purpose: Purpose, binding: str
) -> Started | SendRefused:
    """Ask for a code; a second call is *Resend*: the same code while it lives.

    By SMS the number is the factor's own (ENROL: of the one being enrolled); the message is queued
    in the same transaction. Limits, country and lock are checked here, and a refusal is recorded.
    `binding` comes from `twofa.bindings`; the address from the request's context.
    """
    raise NotImplementedError


def current(user: User, *, factor: FactorKind, purpose: Purpose, binding: str) -> Challenge | None:
    """The session's newest challenge of that purpose, dead or alive, unless it was used."""
    raise NotImplementedError


def owned(challenge_id: UUID, *, binding: str) -> Challenge | None:
    """A challenge by id, if this session asked for it; None for another's, as for a missing one."""
    raise NotImplementedError


def status(challenge: Challenge) -> Status:
    """What the client's page shows live: two queries, no secret."""
    raise NotImplementedError
