"""Which text is sent, which is refused, and that no broken one stops a sign-in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.policy.changes import change as change_settings
from smsproviders import template_changes, templating, text_kinds
from smsproviders.models import SmsTemplate
from smsproviders.template_hints import hints
from smsproviders.template_rules import Fault, cleaned, problems
from smsproviders.text_kinds import TextKind, UnknownPurpose
from tests.services.threads import run_together

ACTOR = Actor(ActorKind.OPERATOR, "op-1")
NAME, LAST_LINE = "Example", "\n\n@secure.example.com #123456"


def example(text: str, *, longest: bool = False) -> str:
    name = NAME.ljust(30, "x") if longest else NAME
    return text.replace("%CODE%", "123456").replace("%BRAND%", name) + LAST_LINE


KIND = TextKind(
    purpose="greet",
    words="Greeting",
    occasion="Now and then.",
    built_in={
        "en": "%CODE% is your %BRAND% code.",
        "fr": "%CODE% est votre code %BRAND%.",
        "pt": "%CODE% e o seu codigo %BRAND%.",
        "ar": "%CODE% هو رمز %BRAND%.",
    },
    example=example,
)


@pytest.fixture(autouse=True)
def _only_this_kind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(text_kinds, "_kinds", {KIND.purpose: KIND})
    templating.forget()
    yield
    templating.forget()


def own(language: str, text: str) -> SmsTemplate:
    """As if written into the database by hand, past all rules."""
    templating.forget()
    return SmsTemplate.objects.create(purpose="greet", language=language, text=text)


def sent(language: str) -> str:
    return templating.text_for("greet", language=language)


def change(text: str, *, language: str = "fr", **facts: Any) -> bool:
    return template_changes.change("greet", language, text, actor=ACTOR, **facts)


def faults(text: str) -> list[Fault]:
    return [one.fault for one in problems(KIND, text)]


@pytest.mark.django_db
class TestWhichTextIsSent:
    def test_the_built_in_one_in_the_language(self) -> None:
        assert sent("fr") == KIND.built_in["fr"]

    def test_ones_own_before_the_built_in_one(self) -> None:
        own("fr", "%CODE% pour vous")
        assert sent("fr") == "%CODE% pour vous"
        assert sent("en") == KIND.built_in["en"]

    @pytest.mark.parametrize("language", ["pt-br", "pt-BR", "pt_BR"])
    def test_a_variant_counts_as_its_language(self, language: str) -> None:
        assert sent(language) == KIND.built_in["pt"]
        own("pt", "%CODE% ola")
        assert sent(language) == "%CODE% ola"

    def test_the_variants_own_text_comes_before_that_of_its_language(self) -> None:
        own("pt", "%CODE% ola")
        own("pt-br", "%CODE% oi")
        assert (sent("pt-br"), sent("pt")) == ("%CODE% oi", "%CODE% ola")

    def test_the_built_in_one_in_the_language_before_ones_own_in_the_default_language(self) -> None:
        own("en", "%CODE% hello")
        assert sent("fr") == KIND.built_in["fr"]

    def test_without_any_text_in_the_language_that_of_the_default_language(
        self, settings: Any
    ) -> None:
        assert sent("ja") == KIND.built_in["en"]
        own("en", "%CODE% hello")
        assert sent("ja") == "%CODE% hello"
        settings.LANGUAGE_CODE = "fr"
        assert sent("ja") == KIND.built_in["fr"]
        settings.LANGUAGE_CODE = "xx"
        assert sent("ja") == KIND.built_in["en"]

    def test_a_purpose_that_nobody_registered_is_an_error_of_its_own(self) -> None:
        with pytest.raises(UnknownPurpose):
            templating.text_for("nothing", language="en")

    def test_a_burst_of_sends_costs_one_query(self) -> None:
        own("fr", "%CODE% pour vous")
        with CaptureQueriesContext(connection) as queries:
            for _ in range(10):
                sent("fr")
        assert len([one for one in queries if "smstemplate" in one["sql"]]) == 1

    def test_every_kind_has_a_built_in_english_text_and_is_registered_once(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            text_kinds.register(KIND)
        with pytest.raises(ValueError, match="no built-in text"):
            text_kinds.register(TextKind("other", "", "", {"fr": "%CODE%"}, example))


@pytest.mark.django_db
class TestWhatCannotWork:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", [Fault.EMPTY]),
            (" \n ", [Fault.EMPTY]),
            ("Your code is on its way", [Fault.NO_CODE]),
            ("%CODE is your code", [Fault.NO_CODE]),
            ("%code% is your code", [Fault.UNKNOWN_PLACEHOLDER, Fault.NO_CODE]),
            ("%CODE% and %CODE%", [Fault.CODE_TWICE]),
            ("%CODE% for %NAME% at %HOST%", [Fault.UNKNOWN_PLACEHOLDER] * 2),
            ("%CODE% for you\n\n@secure.example.com #1", [Fault.LAST_LINE]),
            ("%CODE% for\x00 you", [Fault.INVISIBLE]),
            ("%CODE% for\u202e you\u200b", [Fault.INVISIBLE] * 2),
            ("%CODE%" + "a" * 300, [Fault.TOO_LONG]),
            ("%CODE%" + "я" * 130, [Fault.TOO_LONG]),
        ],
    )
    def test_it_is_refused_for_the_reason(self, text: str, expected: list[Fault]) -> None:
        assert faults(text) == expected

    @pytest.mark.parametrize(
        "text",
        [
            "%CODE%",
            "100% sure: %CODE%",
            "5 % off, 10 % on: %CODE%%BRAND%",
            "%CODE%\n%BRAND%",
            "%CODE% \u200f‏ هو رمز",
            "🔑 %CODE%",
        ],
    )
    def test_what_works_is_taken(self, text: str) -> None:
        assert faults(text) == []

    def test_the_limit_is_a_setting_and_counts_the_longest_name(self) -> None:
        room = 160 - len(LAST_LINE) - len("123456") - 30
        assert faults("%CODE%%BRAND%" + "a" * (room + 1)) == []
        change_settings({"sms_segments_max": "1"}, actor=ACTOR)
        assert faults("%CODE%%BRAND%" + "a" * room) == []
        (problem,) = problems(KIND, "%CODE%%BRAND%" + "a" * (room + 1))
        assert problem.fault == Fault.TOO_LONG
        assert "takes 2 segments" in problem.words
        assert "shorten it by 1 character." in problem.words

    def test_it_is_cleaned_without_changing_its_words(self) -> None:
        assert cleaned("  %CODE%\te\u0301  \r\n\r\n b \r") == "%CODE% é\n\n b"


@pytest.mark.django_db
class TestHints:
    def told(self, text: str, *, language: str = "fr") -> str:
        return " ".join(hints(KIND, text, language=language))

    def test_a_good_text_gets_none(self) -> None:
        for language, text in KIND.built_in.items():
            assert hints(KIND, text, language=language) == []

    def test_each_character_that_makes_it_dear_is_named_with_a_cheap_one(self) -> None:
        told = hints(KIND, "%CODE% être l’été\xa0: %BRAND% Ł", language="fr")  # noqa: RUF001
        assert told == [
            "“ê” makes it 70 characters a segment instead of 160; “e” does not.",
            "“’” makes it 70 characters a segment instead of 160; “'” does not.",  # noqa: RUF001
            "NO-BREAK SPACE makes it 70 characters a segment instead of 160; "
            "an ordinary space does not.",
            "“Ł” makes it 70 characters a segment instead of 160.",
        ]

    def test_where_the_language_has_another_script_there_is_nothing_to_say(self) -> None:
        assert self.told("%CODE% — код для входа в %BRAND%", language="ru") == ""
        assert self.told("%CODE% هو رمز %BRAND% —", language="ar") == ""
        # In French nine strange letters are nine slips; the first eight are enough to say.
        assert len(hints(KIND, "%CODE% %BRAND% êçóáíúâîû", language="fr")) == 8

    def test_a_name_that_makes_every_text_dear_is_blamed_itself(self) -> None:
        kind = TextKind("greet", "", "", KIND.built_in, lambda text, longest=False: f"{text} Łódź")
        told = " ".join(hints(kind, "%CODE% %BRAND%", language="en"))
        assert "In the name of the service, “Ł”" in told

    def test_a_link_a_second_number_and_a_late_code_are_pointed_at(self) -> None:
        assert "links" in self.told("%CODE% %BRAND% https://example.com/x")
        assert "“www.example.com”" in self.told("%CODE% %BRAND% www.example.com")
        assert "“example.com”" in self.told("%CODE% %BRAND% example.com")
        assert "links" not in self.told("%CODE% is your %BRAND% code.Never tell it.")
        assert "“2024”" in self.told("%CODE% %BRAND% since 2024")
        assert "beginning" in self.told("x" * 50 + "%CODE% %BRAND%")
        assert "who it is from" in self.told("%CODE%")

    def test_a_text_from_the_right_must_begin_so(self) -> None:
        assert "from which side" in self.told("%CODE% %BRAND% هو رمز", language="ar")
        assert "from which side" in self.told("%CODE% %BRAND%", language="ar")
        assert "from which side" not in self.told("%CODE% هو رمز %BRAND%", language="ar")
        assert "from which side" not in self.told("%CODE% %BRAND% هو رمز", language="xx")


@pytest.mark.django_db
class TestChanging:
    def test_it_is_kept_sent_and_logged(self) -> None:
        assert change(" %CODE% pour vous \r\n")
        assert sent("fr") == "%CODE% pour vous"
        template = SmsTemplate.objects.get()
        assert (template.purpose, template.language, template.changed_by) == ("greet", "fr", "op-1")
        event = AuditEvent.objects.get()
        assert (event.action, event.subject) == ("template.changed", "template:greet:fr")
        assert event.facts == {
            "purpose": "greet",
            "language": "fr",
            "before": "",
            "after": "%CODE% pour vous",
        }

    def test_a_text_that_cannot_work_is_refused_with_all_reasons(self) -> None:
        with pytest.raises(ValidationError) as caught:
            change("%CODE% %CODE% %NAME%")
        assert len(caught.value.message_dict["text"]) == 2
        assert not SmsTemplate.objects.exists()
        assert not AuditEvent.objects.exists()

    def test_the_built_in_text_is_not_kept_as_ones_own(self) -> None:
        assert not change(KIND.built_in["fr"])
        change("%CODE% pour vous")
        assert change(KIND.built_in["fr"])
        assert not SmsTemplate.objects.exists()

    def test_saving_the_same_again_changes_and_logs_nothing(self) -> None:
        change("%CODE% pour vous")
        assert not change("%CODE% pour vous")
        assert AuditEvent.objects.count() == 1

    def test_back_to_the_built_in_text(self) -> None:
        change("%CODE% pour vous")
        assert template_changes.back_to_built_in("greet", "fr", actor=ACTOR)
        assert sent("fr") == KIND.built_in["fr"]
        event = AuditEvent.objects.first()
        assert event is not None
        assert event.facts["after"] == ""
        assert not template_changes.back_to_built_in("greet", "fr", actor=ACTOR)
        assert AuditEvent.objects.count() == 2

    def test_what_a_colleague_saved_meanwhile_is_not_written_over(self) -> None:
        change("%CODE% pour vous")
        with pytest.raises(ValidationError) as caught:
            change("%CODE% pour toi", seen="")
        assert "meanwhile" in caught.value.message_dict["text"][0]
        assert sent("fr") == "%CODE% pour vous"
        assert change("%CODE% pour toi", seen="%CODE% pour vous\r\n")


def test_the_first_text_of_two_at_once_is_kept_and_the_other_told(transactional_db: None) -> None:
    def one(i: int) -> str:
        try:
            change(f"%CODE% {i}", seen="")
        except ValidationError:
            return "told"
        return "kept"

    assert sorted(map(str, run_together(4, one))) == ["kept", "told", "told", "told"]
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
class TestATextBrokenInTheDatabase:
    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("", "empty"),
            ("no code", "no_code"),
            ("%CODE% %CODE%", "code_twice"),
            ("%CODE% %NAME%", "unknown_placeholder"),
            ("%CODE%" + "a" * 400, "too_long"),
        ],
    )
    def test_the_built_in_one_is_sent_and_the_operator_is_told_once(
        self, text: str, fault: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        row = own("fr", text)
        for _ in range(3):
            assert sent("fr") == KIND.built_in["fr"]
            templating.forget()
        event = AuditEvent.objects.get()
        assert (event.action, event.outcome) == ("template.skipped", "failed")
        assert event.subject == "template:greet:fr"
        assert event.facts["cause"] == "sms.template_broken"
        assert event.facts["problem"] == fault
        assert [record.message for record in caplog.records] == ["an SMS template cannot be used"]
        row.refresh_from_db()
        assert row.skipped_since is not None

    def test_it_is_used_again_once_it_works(self) -> None:
        row = own("fr", "no code")
        sent("fr")
        SmsTemplate.objects.filter(pk=row.pk).update(text="%CODE% oui")
        templating.forget()
        assert sent("fr") == "%CODE% oui"
        assert sent("fr") == "%CODE% oui"
        actions = list(AuditEvent.objects.values_list("action", flat=True))
        assert actions == ["template.used_again", "template.skipped"]
        row.refresh_from_db()
        assert row.skipped_since is None

    def test_a_text_that_was_mended_a_moment_ago_is_not_told_of(self) -> None:
        row = own("fr", "no code")
        templating.own_texts()
        # In another process: this one still knows the old text.
        SmsTemplate.objects.filter(pk=row.pk).update(text="%CODE% oui")
        assert sent("fr") == KIND.built_in["fr"]
        assert not AuditEvent.objects.exists()

    def test_saving_it_anew_ends_it(self) -> None:
        own("fr", "no code")
        sent("fr")
        change("%CODE% oui")
        assert SmsTemplate.objects.get().skipped_since is None
        assert sent("fr") == "%CODE% oui"

    def test_it_becomes_too_long_when_the_rule_is_tightened(self) -> None:
        own("fr", "%CODE%" + "a" * 200)
        assert sent("fr").startswith("%CODE%a")
        change_settings({"sms_segments_max": "1"}, actor=ACTOR)
        assert sent("fr") == KIND.built_in["fr"]

    def test_all_that_cannot_be_used_are_found(self) -> None:
        own("fr", "no code")
        own("en", "%CODE% fine")
        SmsTemplate.objects.create(
            purpose="of-another-version", language="en", text="x", changed_at=timezone.now()
        )
        (found,) = templating.unusable()
        assert found.template.language == "fr"
        assert [one.fault for one in found.problems] == [Fault.NO_CODE]

    def test_ones_own_in_the_default_language_is_looked_at_too(self) -> None:
        own("en", "no code")
        assert sent("ja") == KIND.built_in["en"]
        assert AuditEvent.objects.get().subject == "template:greet:en"


def test_of_many_senders_at_once_one_tells(transactional_db: None) -> None:
    own("fr", "no code")
    assert run_together(8, lambda _: sent("fr")) == [KIND.built_in["fr"]] * 8
    assert AuditEvent.objects.count() == 1
