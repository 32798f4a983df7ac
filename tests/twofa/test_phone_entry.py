"""Typing a number: the country, what is wrong with it, and how it is shown before it counts."""

import pytest
from django.utils import translation

from clients.models import User
from smsproviders.models import SmsMessage
from tests.twofa import people
from tests.twofa.pages import Person, signed_in_by_app
from tests.twofa.people import PASSWORD, app_code
from twofa import country_names
from twofa.models import SmsConfirmation
from twofa.views.phone_words import phone_words


@pytest.fixture
def ann(db: None) -> User:
    return people.client(password=PASSWORD)


def number_page(user: User) -> Person:
    return Person().sign_in(user.email).open("/security/sms/")


def test_a_number_is_read_as_one_of_the_country_that_is_chosen(ann: User) -> None:
    number_page(ann).submit("phone", "07400 123456", country="GB")
    assert str(SmsConfirmation.objects.get().number) == "+447400123456"


def test_a_number_with_its_code_is_of_its_own_country_whatever_is_chosen(ann: User) -> None:
    number_page(ann).submit("phone", "0033 6 12 34 56 78", country="GB")
    assert str(SmsConfirmation.objects.get().number) == "+33612345678"


def test_without_a_code_and_a_country_the_country_is_asked_for(ann: User) -> None:
    person = number_page(ann).submit("phone", "06 12 34 56 78", country="")
    assert "Choose the country" in person.page.text("error")
    assert person.page.form_with("phone").fields["phone"] == "06 12 34 56 78"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("+33 1 42 68 53 00", "number of a landline"),
        ("+7 916 123 45 67", "We send no codes to this country: Russia."),
    ],
)
def test_what_cannot_be_served_is_told_before_anything_is_asked_or_sent(
    ann: User, typed: str, told: str
) -> None:
    person, _ = signed_in_by_app(ann)
    person.open("/security/sms/").submit("phone", typed, country="FR")
    assert told in person.page.text("error")
    assert "Confirm that it is you" not in person.html
    assert not SmsMessage.objects.exists()


def test_the_country_is_kept_while_the_client_confirms(ann: User) -> None:
    person, device = signed_in_by_app(ann)
    person.open("/security/sms/").submit("phone", "07400 123456", country="GB")
    person.submit("code", app_code(device))
    assert str(SmsConfirmation.objects.get().number) == "+447400123456"


def test_the_number_is_shown_as_its_holder_writes_it_before_it_counts(ann: User) -> None:
    shown = number_page(ann).submit("phone", "+33612345678").page.text("number-to-confirm")
    assert "+33 6 12 34 56 78 · France" in shown
    assert "06 12 34 56 78" in shown


def test_editing_keeps_the_number_and_its_country(ann: User) -> None:
    person = number_page(ann).submit("phone", "07400 123456", country="GB")
    person.open("/security/sms/?number=edit")
    assert person.page.form_with("phone").fields["phone"] == "+44 7400 123456"
    assert '<option value="GB" selected>' in person.html


def test_only_countries_that_are_served_are_offered(ann: User) -> None:
    html = number_page(ann).html
    assert '<option value="FR">' in html
    assert '<option value="RU">' not in html


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("en", "Germany"),
        ("fr", "Allemagne"),
        ("es", "Alemania"),
        ("de", "Deutschland"),
        ("ru", "Германия"),
        ("ar", "ألمانيا"),
    ],
)
def test_countries_have_their_names_in_every_language(language: str, name: str) -> None:
    with translation.override(language):
        assert country_names.name_of("DE") == name
        assert phone_words("+4915123456789").country == name


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Hong Kong"), ("fr", "Hong Kong"), ("de", "Hongkong")]
)
def test_a_country_is_named_as_people_look_for_it(language: str, name: str) -> None:
    with translation.override(language):
        assert country_names.name_of("HK") == name


def test_countries_stand_in_the_order_of_their_names() -> None:
    with translation.override("fr"):
        choices = country_names.choices_of(["US", "DE", "FR", "ES"])
    assert [code for code, _ in choices] == ["DE", "ES", "US", "FR"]  # Allemagne … États-Unis
    assert "+49" in choices[0][1]
