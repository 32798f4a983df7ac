"""Whom an incident hit. Sending knows numbers; whose messages they were, is known here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from clients.models import User
from smsproviders.models import Incident, IncidentNumber, SmsMessage
from twofa.models import Challenge

# A message is asked for some time before the call that failed.
EARLIER, LATER = timedelta(minutes=10), timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """A number, and the accounts whose codes went there meanwhile: mostly one.

    None where the account is gone.
    """

    row: IncidentNumber
    users: Sequence[User]


def hits_of(incident: Incident, rows: Sequence[IncidentNumber]) -> list[Hit]:
    """Two queries, for however many of them."""
    references = _references(incident, [row.number for row in rows])
    keys = {key for of_number in references.values() for key in of_number}
    users = _users(keys)
    return [Hit(row, _distinct(users, references[row.number])) for row in rows]


def _distinct(users: Mapping[UUID, User], challenges: Iterable[UUID]) -> list[User]:
    found = [users[key] for key in challenges if key in users]
    return list({user.pk: user for user in found}.values())


def has_recovered(user: User, since: datetime) -> bool:
    """Whether a code was accepted, or a sign-in done, after that moment."""
    state = getattr(user, "verification_state", None)
    moments = [user.last_login, state.last_success_at if state else None]
    return any(moment is not None and moment > since for moment in moments)


def _references(incident: Incident, numbers: Sequence[str]) -> dict[str, set[UUID]]:
    end = incident.ended_at or timezone.now()
    rows = SmsMessage.objects.filter(
        number__in=numbers,
        id__gte=first_uuid7_at(incident.began_at - EARLIER),
        id__lt=first_uuid7_at(end + LATER),
    ).exclude(reference="")
    found: dict[str, set[UUID]] = defaultdict(set)
    for number, reference in rows.values_list("number", "reference"):
        try:
            found[number].add(UUID(reference))
        except ValueError:
            continue  # of something else
    return found


def _users(challenges: set[UUID]) -> dict[UUID, User]:
    rows = Challenge.objects.filter(pk__in=challenges).defer("code")
    found = rows.select_related("user__client", "user__verification_state")
    return {row.pk: row.user for row in found}
