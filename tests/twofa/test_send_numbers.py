"""Numbers as people type them, and those that no code can be sent to."""

from collections.abc import Callable

import pytest

from clients.models import User
from smsproviders.models import SmsMessage
from tests.twofa import people
from tests.twofa.asking import client_with_sms, enrolling, outcome
from tests.twofa.pages import Person
from tests.twofa.people import NUMBER, PASSWORD
from twofa.models import SendRequest, SmsConfirmation
from twofa.numbers import NumberProblem, read
from twofa.vocabulary import Purpose, SendOutcome

LANDLINE = "+33123456789"
OF_NO_NETWORK = "+33700000000"


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("+33 6 12 34 56 78", ""),
        ("+33 (0)6 12 34 56 78", ""),
        ("0033 6-12-34-56-78", ""),
        ("0033612345678", "US"),
        ("tel:+33-6-12-34-56-78", ""),
        ("06.12.34.56.78", "FR"),
        ("6 12 34 56 78", "FR"),
        ("(06) 12 34 56 78", "FR"),
        ("33612345678", "FR"),
        ("٠٦١٢٣٤٥٦٧٨", "FR"),
        ("+٣٣٦١٢٣٤٥٦٧٨", ""),
        ("\uff0b33 6 12 34 56 78", ""),
        ("011 33 6 12 34 56 78", "US"),
        ("+33612345678", "DE"),
    ],
)
def test_it_reads_what_people_write(typed: str, country: str) -> None:
    assert read(typed, country=country) == NUMBER


@pytest.mark.parametrize(
    ("typed", "country", "problem"),
    [
        ("hello", "FR", NumberProblem.NOT_A_NUMBER),
        ("+", "FR", NumberProblem.NOT_A_NUMBER),
        ("0612345678", "", NumberProblem.NEEDS_COUNTRY_CODE),
        ("33612345678", "", NumberProblem.NEEDS_COUNTRY_CODE),
        ("+999 123456", "FR", NumberProblem.UNKNOWN_COUNTRY_CODE),
        ("00999 123456", "", NumberProblem.UNKNOWN_COUNTRY_CODE),
        ("+33 6 12 34", "", NumberProblem.TOO_SHORT),
        ("06 12 34 56", "FR", NumberProblem.TOO_SHORT),
        ("555-0123", "US", NumberProblem.TOO_SHORT),
        ("+33 6 12 34 56 78 90", "", NumberProblem.TOO_LONG),
        ("9" * 10_000, "FR", NumberProblem.TOO_LONG),
        (OF_NO_NETWORK, "", NumberProblem.NOT_VALID),
    ],
)
def test_it_tells_apart_what_is_wrong(typed: str, country: str, problem: NumberProblem) -> None:
    assert read(typed, country=country) == problem


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("0612345678", "Choose the country, or write the number with its country code, like +33"),
        ("+33 6 12 34", "Some digits are missing"),
        ("+33 6 12 34 56 78 90", "too many digits"),
        ("hello", "not a phone number"),
        ("+999123456", "No country has this code"),
        (OF_NO_NETWORK, "No phone can have this number"),
        (LANDLINE, "a landline, which takes no text messages"),
        ("+5352345678", "no codes to this country: Cuba"),
    ],
)
def test_the_client_reads_what_is_wrong_with_the_number(ann: User, typed: str, words: str) -> None:
    person = Person().sign_in(ann.email).open("/security/sms/").submit("phone", typed)
    assert words in person.page.text("error")
    assert person.page.form_with("phone").fields["phone"] == typed
    assert not SmsMessage.objects.exists()


@pytest.mark.django_db
def test_a_landline_is_refused_and_on_record() -> None:
    assert outcome(enrolling(number=LANDLINE), purpose=Purpose.ENROL) == SendOutcome.LANDLINE
    request = SendRequest.objects.get()
    assert (request.outcome, request.number) == (SendOutcome.LANDLINE, LANDLINE)


@pytest.mark.django_db
@pytest.mark.parametrize("number", ["+12025550123", "+18005551234"])
def test_north_american_numbers_are_not_taken_for_landlines(number: str) -> None:
    assert outcome(client_with_sms(number=number)) == SendOutcome.QUEUED


@pytest.mark.django_db
def test_a_new_number_must_be_of_a_network_one_that_is_on_only_possible() -> None:
    new, on = enrolling(number=OF_NO_NETWORK), client_with_sms("b@example.com", OF_NO_NETWORK)
    assert outcome(new, purpose=Purpose.ENROL) == SendOutcome.NUMBER_REFUSED
    assert outcome(on) == SendOutcome.QUEUED
    assert outcome(client_with_sms("c@example.com", "+331")) == SendOutcome.NUMBER_REFUSED


@pytest.mark.django_db
def test_a_country_that_is_opened_is_served(set_policy: Callable[..., None]) -> None:
    user = enrolling(number="+5352345678")
    assert outcome(user, purpose=Purpose.ENROL) == SendOutcome.COUNTRY_CLOSED
    set_policy(allowed_countries="CU")
    assert outcome(user, purpose=Purpose.ENROL) == SendOutcome.QUEUED
    assert SmsConfirmation.objects.count() == 1
