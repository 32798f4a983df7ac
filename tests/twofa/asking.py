"""Asking for codes, many times and by many people."""

from django.utils import timezone

from clients.models import User
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import Decision, MessageState, Progress
from tests.twofa import people
from tests.twofa.people import BINDING, NUMBER
from twofa import challenges
from twofa.results import SendRefused, Started
from twofa.vocabulary import FactorKind, Purpose, SendOutcome


def client_with_sms(email: str = "ann@example.com", number: str = NUMBER) -> User:
    user = people.client(email)
    people.sms(user, number)
    return user


def enrolling(email: str = "ann@example.com", number: str = NUMBER) -> User:
    user = people.client(email)
    people.sms(user, number, confirmed=False)
    return user


def ask(
    user: User, *, purpose: Purpose = Purpose.SIGN_IN, binding: str = BINDING
) -> Started | SendRefused:
    return challenges.start(user, factor=FactorKind.SMS, purpose=purpose, binding=binding)


def outcome(user: User, *, purpose: Purpose = Purpose.SIGN_IN) -> SendOutcome:
    result = ask(user, purpose=purpose)
    return SendOutcome.QUEUED if isinstance(result, Started) else result.outcome


def refusal(user: User, *, purpose: Purpose = Purpose.SIGN_IN) -> SendRefused:
    result = ask(user, purpose=purpose)
    assert isinstance(result, SendRefused), result
    return result


def move_all(state: MessageState) -> None:
    """What sending made of every message so far."""
    now = timezone.now()
    taken = state not in {MessageState.FAILED, MessageState.EXPIRED}
    SmsMessage.objects.update(state=state, accepted_at=now if taken else None)


def all_arrive() -> None:
    """A provider took every message so far, and its reports say so."""
    for message in SmsMessage.objects.filter(attempts=None):
        message.attempts.create(number=1, decision=Decision.DONE, progress=Progress.DELIVERED)
    move_all(MessageState.DELIVERED)
