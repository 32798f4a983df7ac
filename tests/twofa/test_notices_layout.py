"""What a notice says, in text and in HTML, of every kind and in every language."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone, translation

from backoffice.admin.client_activity_rows import NOTICE_WORDS
from tests.twofa.pages import VOID
from twofa import notice_layout, notice_sending
from twofa.models import Notice
from twofa.notices import NoticeKind

LANGUAGES = [code for code, _name in settings.LANGUAGES]
KINDS = sorted(path.stem for path in Path("templates/twofa/notices").glob("[!_]*.txt"))
LINK = f"{settings.PUBLIC_URL}/lost-device/x7Qz/"
FACTS = {
    "act": "Disable SMS",
    "address": "2001:db8:12::7",
    "browser": "Firefox on Linux",
    "days": 30,
    "due_date": "25 November 2026",
    "due_time": "10:00",
    "email": "ann@example.com",
    "factors": ["authenticator", "sms"],
    "failures": 5,
    "left": 2,
    "link": LINK,
    "minutes": 15,
    "number": "LD-1",
    "operator": "Olga <b>Ortiz</b>",
    "proofs": "- first proof\n- second proof",
    "question": "Which bank?",
    "refusal": "No proof.",
    "ticket": "T-1",
}


class Outline(HTMLParser):
    """Fails on an element that is not closed; keeps the texts, the addresses and the attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.root: dict[str, str | None] = {}
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = dict(pairs)
        assert tag not in {"img", "script", "link", "table", "form"}
        assert "src" not in given
        if tag == "html":
            self.root = given
        self.links += [given["href"] or ""] if "href" in given else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] != ["style"]:
            self.texts.append(data)


def rendered(kind: str, language: str, **facts: object) -> tuple[str, str]:
    context = json.dumps({**FACTS, "at": timezone.now().isoformat(), **facts})
    return notice_sending._rendered(Notice(kind=kind, language=language, context=context))


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def test_every_kind_has_a_text_and_words_for_operators_and_every_text_a_kind() -> None:
    assert sorted(NoticeKind) == KINDS
    assert set(NOTICE_WORDS) == set(NoticeKind)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_whole_in_text_and_html(language: str) -> None:
    for kind in NoticeKind:
        text, html = rendered(kind, language)
        assert text.split("\n")[1].strip() == "", kind
        subject, body = notice_layout.subject_and_body(text)
        assert 10 < len(subject) <= 100, (kind, subject)
        assert not re.search(r"[{}]|%\(|%\w\b|&\w+;|None|\n\n\n", body), (kind, body)
        page = Outline(html)
        right_to_left = language == "ar"
        assert page.root == {"lang": language, "dir": "rtl" if right_to_left else "ltr"}
        assert set(page.links) <= {LINK}, kind
        assert (LINK in page.links) == (LINK in text), kind
        assert "<b>" not in html


@pytest.mark.django_db
def test_the_html_says_what_the_text_says() -> None:
    for kind in NoticeKind:
        text, html = rendered(kind, "en")
        _subject, body = notice_layout.subject_and_body(text)
        said = words(" ".join(Outline(html).texts).replace("Open the page", ""))
        missing = [word for word in words(body.replace(LINK, "")) if word not in said]
        assert missing == [], kind


@pytest.mark.django_db
def test_no_address_but_ours_becomes_a_link() -> None:
    for stranger in ("https://evil.example/x", f"{settings.PUBLIC_URL}.evil.example/x"):
        text, html = rendered(NoticeKind.LOST_DEVICE_MORE_NEEDED, "en", question=stranger)
        assert stranger in text
        assert Outline(html).links == [LINK]


@pytest.mark.django_db
def test_a_fact_of_several_lines_makes_no_second_header_line() -> None:
    subject, body = notice_layout.subject_and_body("Back\r Office: x\nBcc: a@example.com")
    assert subject == "Back Office: x"
    assert "\n" not in subject
    assert body == "Bcc: a@example.com\n"


@pytest.mark.django_db
def test_text_from_right_to_left_keeps_an_address_in_its_order() -> None:
    text, html = rendered(NoticeKind.PASSWORD_CHANGED, "ar")
    assert "\u20682001:db8:12::7\u2069" in text
    assert "\u20682001:db8:12::7\u2069" in html
    assert "\u2068" not in rendered(NoticeKind.PASSWORD_CHANGED, "en")[0]


@pytest.mark.django_db
def test_name_and_colour_of_the_service_are_those_of_the_settings(set_policy: object) -> None:
    set_policy(service_name="Acme & Sons", brand_colour="#8f1b12")  # type: ignore[operator]
    with translation.override("en"):
        html = notice_layout.html_of(rendered(NoticeKind.UNLOCKED, "en")[0])
    assert "Acme &amp; Sons" in html
    assert "<h1" in html and ">Codes are accepted again<" in html
    _text, with_button = rendered(NoticeKind.LOST_DEVICE_TAKEN, "en")
    assert "background:#8f1b12" in with_button
