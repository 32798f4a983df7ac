"""What a phone shows: the code in the text, the last line that browsers read, the right side."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backoffice.audit.log import SYSTEM
from smsproviders import template_changes, templating, text_kinds
from smsproviders.models import SmsMessage, SmsTemplate
from smsproviders.template_hints import hints
from smsproviders.template_rules import problems
from smsproviders.text_encoding import Encoding, measure
from tests.twofa import people
from tests.twofa.people import sent_code, try_code
from twofa import texts
from twofa.built_in_texts import BUILT_IN
from twofa.vocabulary import FactorKind, Purpose

LONG_NAME = "A service with thirty letters!"
HOST = "account.example-banks.com"
OF_GSM = {"en", "fr", "es", "de"}
EVERY = [(purpose, language) for purpose in Purpose for language in BUILT_IN[purpose]]


@pytest.fixture(autouse=True)
def _texts_are_read_anew(settings: Any) -> Iterator[None]:
    settings.PUBLIC_URL = f"https://{HOST}:8443/below"
    templating.forget()
    yield
    templating.forget()


def body(*, purpose: str = Purpose.SIGN_IN, language: str = "en", code: str = "012345") -> str:
    return texts.sms_body(code, purpose=purpose, language=language)


@pytest.mark.django_db
def test_there_is_a_text_for_every_purpose_and_every_language_of_a_client(settings: Any) -> None:
    assert {kind.purpose for kind in text_kinds.all_kinds()} == set(Purpose.values)
    for purpose in Purpose:
        assert set(BUILT_IN[purpose]) == set(dict(settings.LANGUAGES))


@pytest.mark.django_db
@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_a_built_in_text_is_one_gsm_segment_or_two_of_ucs2(
    purpose: Purpose, language: str, set_policy: Callable[..., None]
) -> None:
    set_policy(service_name=LONG_NAME)
    size = measure(body(purpose=purpose, language=language))
    if language in OF_GSM:
        assert (size.encoding, size.segments, size.beyond) == (Encoding.GSM7, 1, ())
    else:
        assert (size.encoding, size.segments) == (Encoding.UCS2, 2)


@pytest.mark.django_db
@pytest.mark.parametrize(("purpose", "language"), EVERY)
def test_a_built_in_text_passes_the_rules_of_operators(purpose: Purpose, language: str) -> None:
    kind = text_kinds.get(purpose)
    text = kind.built_in[language]
    assert problems(kind, text) == []
    assert text.startswith("%CODE% ")
    assert hints(kind, text, language=language) == []


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", Purpose)
def test_a_locked_phone_shows_the_code_first(purpose: Purpose) -> None:
    for language in BUILT_IN[purpose]:
        assert body(purpose=purpose, language=language).startswith("012345 ")


@pytest.mark.django_db
def test_the_last_line_names_the_host_and_the_code_alone() -> None:
    """The grammar of https://wicg.github.io/sms-one-time-codes/: no port, no scheme, no path."""
    lines = body().split("\n")
    assert lines[-2:] == ["", f"@{HOST} #012345"]
    assert re.fullmatch(r"@(\S+) #(\S+)", lines[-1])


@pytest.mark.django_db
def test_a_host_of_another_script_stands_as_browsers_compare_it(settings: Any) -> None:
    settings.PUBLIC_URL = "https://bücher.example"
    assert body().endswith("\n\n@xn--bcher-kva.example #012345")


@pytest.mark.django_db
def test_an_own_text_is_filled_in_and_cannot_break_the_last_line() -> None:
    template_changes.change("sign_in", "fr", "%BRAND%\n%CODE%, bonjour", actor=SYSTEM)
    assert body(language="fr") == f"Back Office\n012345, bonjour\n\n@{HOST} #012345"
    assert body(language="fr", purpose=Purpose.ENROL).startswith("012345 est votre code")


@pytest.mark.django_db
def test_a_name_is_never_read_as_a_placeholder(set_policy: Callable[..., None]) -> None:
    set_policy(service_name="%CODE% & Co")
    assert body() == (
        f"012345 is your %CODE% & Co sign-in code. Never tell it to anyone.\n\n@{HOST} #012345"
    )


@pytest.mark.django_db
def test_what_is_measured_for_an_operator_is_what_is_sent() -> None:
    for kind in text_kinds.all_kinds():
        for language, text in kind.built_in.items():
            sent = body(purpose=kind.purpose, language=language, code=texts.EXAMPLE_CODE)
            assert kind.example(text) == sent
            assert len(kind.example(text, longest=True)) == len(sent) + 30 - len("Back Office")


@pytest.mark.django_db
@pytest.mark.parametrize("purpose", Purpose)
def test_a_message_in_arabic_begins_at_the_right_and_its_code_reads_from_the_left(
    purpose: Purpose,
) -> None:
    """Phones write each line from the side of its first letter, and digits as one number from the
    left (UAX 9). No invisible mark is needed for that, nor is one sent."""
    first, *_, last = body(purpose=purpose, language="ar").split("\n")
    directions = [unicodedata.bidirectional(one) for one in first]
    assert directions[:6] == ["EN"] * 6
    assert next(one for one in directions if one in {"L", "R", "AL"}) == "AL"
    assert next(one for one in map(unicodedata.bidirectional, last) if one in {"L", "AL"}) == "L"
    assert not any(unicodedata.category(one) == "Cf" for one in first)


@pytest.mark.django_db
def test_each_purpose_sends_its_own_text_in_the_language_of_the_client() -> None:
    user = people.client(language="de")
    people.sms(user)
    sent_code(user, purpose=Purpose.STEP_UP)
    assert "um eine Änderung zu bestätigen" in SmsMessage.objects.get().body


@pytest.mark.django_db
def test_operators_read_their_own_text_in_english() -> None:
    desk = people.operator()
    people.sms(desk)
    sent_code(desk, purpose=Purpose.OPERATOR_ACT)
    assert "change a client's account" in SmsMessage.objects.get().body


@pytest.mark.django_db
def test_a_template_broken_in_the_database_stops_no_sign_in() -> None:
    SmsTemplate.objects.create(purpose="sign_in", language="en", text="Hello, no code")
    user = people.client()
    people.sms(user)
    code = sent_code(user)
    assert SmsMessage.objects.get().body.startswith(f"{code} is your Back Office sign-in code")
    assert try_code(user, code, FactorKind.SMS) == "accepted"
