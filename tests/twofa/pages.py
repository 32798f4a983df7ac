"""A person at a browser without scripts: opens pages, fills in the forms that stand there, presses
buttons. Cross-site protection is on, so every form must carry its token."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from clients.models import User
from tests.twofa import people
from tests.twofa.people import PASSWORD
from twofa.models import Authenticator, Challenge, CodeAttempt

VOID = {"input", "link", "meta", "br", "img", "hr", "path", "circle"}


@dataclass
class Form:
    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """The forms of a page, and what stands in its `data-test` elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.marked: dict[str, list[str]] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self._open: list[str | None] = []
        self._in_form = False
        self.feed(html)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in pairs}
        assert "style" not in attributes, "the content security policy forbids it"
        assert not any(name.startswith("on") for name in attributes)
        mark = attributes.get("data-test")
        if mark:
            self.marked.setdefault(mark, []).append("")
            self.attributes[mark] = attributes
        if tag not in VOID:
            self._open.append(mark)
        if tag == "form":
            self.forms.append(Form(attributes.get("action", "")))
            self._in_form = True
        elif tag == "input" and self._in_form and attributes.get("name"):
            if attributes.get("type") != "checkbox":
                self.forms[-1].fields[attributes["name"]] = attributes.get("value", "")
            else:
                self.forms[-1].buttons.append((attributes["name"], "on"))
        elif tag == "button" and self._in_form:
            self.forms[-1].buttons.append((attributes.get("name", ""), attributes.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        self._open.pop()
        if tag == "form":
            self._in_form = False

    def handle_data(self, data: str) -> None:
        for mark in self._open:
            if mark:
                self.marked[mark][-1] += data

    def text(self, mark: str) -> str:
        return " ".join(self.marked[mark][0].split())

    def form_with(self, name: str, value: str | None = None) -> Form:
        """The first form with that field or button."""
        for form in self.forms:
            if name in form.fields or any(
                name == button and value in {None, given} for button, given in form.buttons
            ):
                return form
        raise AssertionError(f"no form with {name}")


class Person:
    def __init__(self, **headers: Any) -> None:
        self.http = Client(enforce_csrf_checks=True, **headers)
        self.response: Any = HttpResponse()
        self.path = ""

    @property
    def page(self) -> Page:
        return Page(self.response.content.decode())

    @property
    def html(self) -> str:
        return self.response.content.decode()

    def open(self, path: str) -> "Person":
        self._show(self.http.get(path, follow=True))
        self.path = self._address(path)
        return self

    def submit(self, name: str, value: str = "", **more: str) -> "Person":
        """Fill in, or press, `name` in the form that has it, and follow where it leads."""
        buttons = dict(self.page.form_with(name).buttons)
        form = self.page.form_with(name, value if buttons.get(name) and value else None)
        fields = {**form.fields, **more, name: value or buttons.get(name, "")}
        target = form.action or self.path
        self._show(self.http.post(target, fields, follow=True))
        self.path = self._address(target)
        return self

    def press(self, name: str, value: str = "") -> "Person":
        return self.submit(name, value)

    def sign_in(self, email: str, password: str = PASSWORD, *, next: str = "") -> "Person":
        self.open(f"/sign-in/?next={next}" if next else "/sign-in/")
        return self.submit("email", email, password=password)

    def _show(self, response: Any) -> None:
        self.response = response

    def _address(self, before: str) -> str:
        chain = getattr(self.response, "redirect_chain", [])
        return chain[-1][0] if chain else before


def code_by_sms(user: User) -> str:
    return Challenge.objects.filter(user=user, factor="sms").exclude(code="").latest("id").code


def signed_in_by_app(user: User, *, path: str = "/security/") -> tuple[Person, Authenticator]:
    """Somebody who signed in with an authenticator, whose code may be used again."""
    device = people.authenticator(user)
    person = Person().sign_in(user.email)
    person.submit("code", people.app_code(device))
    assert person.path == path, person.html
    next_code_please(device)
    return person, device


def next_code_please(device: Authenticator) -> None:
    """As if half a minute had passed: the app shows a code that was not used yet."""
    Authenticator.objects.filter(pk=device.pk).update(last_used_step=-1)
    CodeAttempt.objects.filter(user=device.user).update(matched_step=None)
