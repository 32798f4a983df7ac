"""Whose incident it is: a client's own message was in it, or his next one would be."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.models import User
from smsproviders.models import Incident, IncidentKind, IncidentOwner, SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, Decision, MessageState
from tests.twofa import hits, people
from tests.twofa.asking import ask, client_with_sms
from twofa.diagnosis.diagnosing import diagnose
from twofa.diagnosis.findings import Finding
from twofa.diagnosis.vocabulary import CauseId, Confidence, Owner
from twofa.models import VerificationState

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> SmsProvider:
    return provider("first", 10)


@pytest.fixture
def second() -> SmsProvider:
    return provider("second", 20)


def provider(name: str, priority: int) -> SmsProvider:
    return SmsProvider.objects.create(
        caption=name, name=name, backend="sandbox", enabled=True, priority=priority
    )


@pytest.fixture
def ann(first: SmsProvider) -> User:
    return client_with_sms()


def asked(user: User, by: SmsProvider | None = None, **fields: Any) -> SmsMessage:
    """A code that failed at that provider, unless told otherwise."""
    ask(user)
    message = SmsMessage.objects.latest("id")
    if by is not None:
        message.attempts.create(
            provider=by,
            provider_caption=by.caption,
            number=1,
            decision=Decision.NEXT,
            cause=Cause.PROVIDER_DOWN,
        )
    ended = {"state": MessageState.FAILED, "cause": Cause.PROVIDER_DOWN}
    SmsMessage.objects.filter(pk=message.pk).update(**{**ended, **fields})
    return message


def found(user: User, **how: Any) -> Finding | None:
    diagnosis = diagnose(User.objects.get(pk=user.pk), **how)
    return next((one for one in diagnosis.findings if one.cause == CauseId.INCIDENT), None)


def test_a_client_whose_newest_message_failed_in_it(ann: User, first: SmsProvider) -> None:
    one = hits.incident(
        provider=first,
        provider_caption="first",
        owner=IncidentOwner.PROVIDER,
        usual_failed=2,
        usual_sends=100,
        note="They know",
        noted_at=timezone.now(),
    )
    asked(ann, first)
    finding = found(ann)
    assert finding is not None
    assert (finding.confidence, finding.owner) == (Confidence.CERTAIN, Owner.PROVIDER)
    assert (finding.since, finding.subject.incident_id) == (one.began_at, one.pk)
    assert finding.summary.startswith(
        "Not this client alone: 41 of 60 sends to FR by first failed since "
    )
    facts = " ".join(str(fact.words) for fact in finding.evidence)
    for words in ("38 numbers, 30 of them", "Usual there: 2 of 100", "Provider down", "They know"):
        assert words in facts
    assert diagnose(ann).verdict == CauseId.INCIDENT


@pytest.mark.parametrize(
    ("owner", "expected"),
    [(IncidentOwner.CARRIER, Owner.CARRIER), (IncidentOwner.OPERATOR, Owner.OPERATOR)],
)
def test_it_is_whose_matter_the_incident_is(
    ann: User, first: SmsProvider, owner: str, expected: Owner
) -> None:
    hits.incident(owner=owner)
    asked(ann, first)
    finding = found(ann)
    assert finding is not None
    assert finding.owner == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"state": MessageState.DELIVERED, "cause": "", "delivered_at": timezone.now()},
        {"state": MessageState.ACCEPTED, "cause": "", "accepted_at": timezone.now()},
        {"state": MessageState.UNDELIVERED, "cause": Cause.LANDLINE},
        {"state": MessageState.QUEUED, "cause": ""},
    ],
    ids=[
        "it was delivered by another",
        "another took it",
        "it failed for its number",
        "it is on its way",
    ],
)
def test_a_client_whose_newest_message_fared_otherwise_is_not_in_it(
    ann: User, first: SmsProvider, fields: dict[str, Any]
) -> None:
    hits.incident(provider=first)
    asked(ann, first, **fields)
    assert found(ann) is None


def test_nor_one_whose_message_another_provider_failed(
    ann: User, first: SmsProvider, second: SmsProvider
) -> None:
    hits.incident(provider=second)
    asked(ann, first)
    assert found(ann) is None


def test_a_client_who_has_not_asked_yet_would_be_in_it(ann: User, first: SmsProvider) -> None:
    hits.incident(provider=first)
    finding = found(ann)
    assert finding is not None
    assert finding.confidence == Confidence.LIKELY


def test_but_not_by_a_provider_that_is_not_the_first_there(ann: User, second: SmsProvider) -> None:
    hits.incident(provider=second)
    assert found(ann) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"is_felt": False},
        {"country": "DE"},
        {"prefix": "+33698"},
        {"closed_at": timezone.now()},
        {"kind": IncidentKind.QUEUE, "country": ""},
    ],
    ids=["others do it", "another country", "another network", "over", "the queue says it itself"],
)
def test_nor_in_one_that_does_not_concern_him(ann: User, fields: dict[str, Any]) -> None:
    hits.incident(**fields)
    assert found(ann) is None


def test_who_signed_in_since_it_began_is_well(ann: User) -> None:
    hits.incident()
    VerificationState.objects.update_or_create(
        user=ann, defaults={"last_success_at": timezone.now() - timedelta(minutes=2)}
    )
    assert found(ann) is None


def test_who_uses_an_authenticator_is_well() -> None:
    bob = people.client("bob@example.com")
    people.authenticator(bob)
    hits.incident(country="")
    assert diagnose(bob).verdict == "ok"


def test_where_receipts_are_missing_it_is_who_waits_for_one(ann: User, first: SmsProvider) -> None:
    hits.incident(kind=IncidentKind.RECEIPTS, provider=first, is_felt=False)
    taken = {"state": MessageState.ACCEPTED, "cause": ""}
    message = asked(ann, first, **taken, accepted_at=timezone.now())
    assert found(ann) is None
    SmsMessage.objects.filter(pk=message.pk).update(
        accepted_at=timezone.now() - timedelta(minutes=1)
    )
    finding = found(ann)
    assert finding is not None
    assert "got no receipt" in finding.summary


def test_that_few_codes_are_typed_proves_little_of_one(ann: User, first: SmsProvider) -> None:
    hits.incident(kind=IncidentKind.CONVERSION, cause="", is_felt=False)
    minute_ago = timezone.now() - timedelta(minutes=1)
    delivered = {"accepted_at": minute_ago, "delivered_at": minute_ago}
    asked(ann, first, state=MessageState.DELIVERED, cause="", **delivered)
    finding = found(ann)
    assert finding is not None
    assert finding.confidence == Confidence.POSSIBLE


def test_it_is_known_of_a_moment_that_is_over(ann: User, first: SmsProvider) -> None:
    asked(ann, first, finished_at=timezone.now())
    at = timezone.now()
    one = hits.incident(last_bad_at=at + timedelta(seconds=1), closed_at=at)
    assert found(ann) is None
    finding = found(ann, at=at)
    assert finding is not None
    assert finding.subject.incident_id == one.pk
    assert Incident.objects.count() == 1


def test_what_to_tell_the_client_names_no_provider(ann: User, first: SmsProvider) -> None:
    hits.incident(provider=first, provider_caption="Twilio", note="Twilio is down")
    asked(ann, first)
    finding = found(ann)
    assert finding is not None
    for language in ("en", "fr", "ar"):
        assert "Twilio" not in " ".join(finding.tell(language))
