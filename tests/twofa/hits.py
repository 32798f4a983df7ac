"""An incident, and clients whose codes it kept from them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients.models import User
from smsproviders.models import Incident, IncidentKind, IncidentNumber, SmsMessage
from smsproviders.vocabulary import Cause, MessageState
from tests.twofa.asking import ask, client_with_sms
from tests.twofa.people import NUMBER


def incident(**fields: Any) -> Incident:
    """In France, by whichever provider; goes on unless told otherwise."""
    now = timezone.now()
    return Incident.objects.create(
        **{
            "kind": IncidentKind.FAILURES,
            "country": "FR",
            "cause": Cause.PROVIDER_DOWN,
            "began_at": now - timedelta(minutes=30),
            "last_bad_at": now - timedelta(seconds=5),
            "sends": 60,
            "failed": 41,
            "numbers": 38,
            "hit": 30,
            "is_felt": True,
            **fields,
        }
    )


def over(**fields: Any) -> Incident:
    """Just now; what is asked for next is as if asked for at its end."""
    ended = {"closed_at": timezone.now(), "is_felt": False}
    return incident(**{**ended, **fields})


def number_of(index: int) -> str:
    return f"+3361234{index:04}"


def hit(one: Incident, number: str = NUMBER, **fields: Any) -> IncidentNumber:
    at = one.last_bad_at
    return IncidentNumber.objects.create(
        **{"incident": one, "number": number, "first_at": at, "hit_at": at, **fields}
    )


def asked_in_vain(email: str, number: str = NUMBER, *, user: User | None = None) -> User:
    """A client whose newest message failed as all others did."""
    user = user or client_with_sms(email, number)
    ask(user)
    SmsMessage.objects.filter(number=number).update(
        state=MessageState.FAILED, cause=Cause.PROVIDER_DOWN, finished_at=timezone.now()
    )
    return user


def clients_hit(one: Incident, count: int) -> list[User]:
    found = []
    for index in range(count):
        found.append(asked_in_vain(f"c{index}@example.com", number_of(index)))
        hit(one, number_of(index))
    return found
