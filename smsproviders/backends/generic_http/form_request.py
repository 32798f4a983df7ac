"""Provider settings of a gateway: the request that hands it a message."""

from collections.abc import Set
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http import headers, placeholders
from smsproviders.backends.generic_http.addresses import LONGEST, clean_url
from smsproviders.backends.generic_http.form_fields import (
    Lines,
    UsualChoice,
    UsualLines,
    text_area,
)
from smsproviders.backends.generic_http.headers import Auth
from smsproviders.backends.generic_http.placeholders import Placeholder, names_in
from smsproviders.backends.generic_http.recipe import BodyKind, parse_template
from smsproviders.contract import SettingsForm

NUMBERS = frozenset({Placeholder.TO, Placeholder.TO_DIGITS})
EXAMPLE = '{"to": "%TO%", "from": "%FROM%", "text": "%TEXT%"}'


class RequestForm(SettingsForm):
    names_in_use: Set[str] = frozenset()  # placeholders of template and headers, once judged

    url = forms.CharField(
        label=_("Address"),
        max_length=LONGEST,
        help_text=_("Where a message is handed over, as https://gateway.example.com/messages."),
    )
    method = UsualChoice(
        label=_("Method"),
        required=False,
        choices=[(name, name) for name in ("POST", "PUT", "GET")],
        initial="POST",
        help_text=_("GET only where the fields stand in the address."),
    )
    body_kind = UsualChoice(
        label=_("The message is written as"),
        required=False,
        choices=[
            (BodyKind.JSON.value, _("JSON")),
            (BodyKind.FORM.value, _("Form fields")),
            (BodyKind.QUERY.value, _("Fields in the address (query)")),
        ],
        initial=BodyKind.JSON.value,
        help_text=_("Some proxies and gateways keep addresses in their logs: avoid the last one."),
    )
    template = UsualLines(
        label=_("Template"),
        required=False,
        max_length=5000,
        initial=EXAMPLE,
        widget=text_area(6),
        help_text=_(
            "An object of JSON, or lines as to=%TO%. %TO% number with +, %TO_DIGITS% without, "
            "%FROM% sender, %TEXT% text, %ID% our id, %TTL% seconds the code still lives, "
            "%CALLBACK% address for reports, %SECRET% the secret below. A field whose placeholder "
            "is empty is left out."
        ),
    )
    headers = Lines(
        label=_("Headers"),
        required=False,
        max_length=2000,
        widget=text_area(2, "X-Api-Version: 2"),
        help_text=_("One a line, if the gateway wants any. Placeholders may stand here too."),
    )
    auth = UsualChoice(
        label=_("Way of signing in"),
        required=False,
        choices=[
            (Auth.BEARER.value, _("Bearer token")),
            (Auth.BASIC.value, _("User and password (Basic)")),
            (Auth.HEADER.value, _("A header of its own")),
            (Auth.NONE.value, _("None, or by the template")),
        ],
        initial=Auth.BEARER.value,
        help_text=_("The first two stand in the header Authorization."),
    )
    username = forms.CharField(
        label=_("User"), required=False, max_length=100, help_text=_("For Basic only.")
    )
    auth_header = forms.CharField(
        label=_("Name of the header"),
        required=False,
        max_length=100,
        help_text=_("For a header of its own only, such as X-Api-Key. It holds the secret."),
    )
    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        max_length=4000,
        help_text=_(
            "The token, password or key. Where the gateway wants it within the message, write "
            "%SECRET% in the template: nothing that stands there itself is hidden."
        ),
    )

    def clean_url(self) -> str:
        url = clean_url(self.cleaned_data["url"])
        if names_in(url):
            raise ValidationError(
                _("No placeholders in the address: write them into the template, as query fields.")
            )
        return url

    def clean_headers(self) -> str:
        text: str = self.cleaned_data["headers"]
        headers.parse(text)
        return text

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if ":" in name or not name.isprintable():
            raise ValidationError(_("A user's name for Basic holds no colon."))
        return name

    def clean_auth_header(self) -> str:
        name: str = self.cleaned_data["auth_header"]
        return headers.clean_name(name) if name else ""

    def clean_secret(self) -> str:
        secret: str = self.cleaned_data["secret"]
        if not secret.isprintable():
            raise ValidationError(_("A secret is one line, without tabs."))
        return secret

    def judge_request(self, given: dict[str, Any]) -> None:
        """What hangs together; adds the errors beside the fields."""
        if given["method"] == "GET" and given["body_kind"] != BodyKind.QUERY:
            self.add_error("body_kind", _("GET has no body: choose fields in the address."))
        try:
            template = parse_template(given["template"], BodyKind(given["body_kind"]))
            placeholders.refuse_unknown(given["template"], known=frozenset(Placeholder))
        except ValidationError as error:
            self.add_error("template", error)
            return
        self.names_in_use = template.names | names_in(given["headers"])
        if not {Placeholder.TEXT} <= template.names or not self.names_in_use & NUMBERS:
            self.add_error("template", _("It must hold %TEXT%, and %TO% or %TO_DIGITS%."))
        self._judge_signing_in(given)

    def _judge_signing_in(self, given: dict[str, Any]) -> None:
        auth, secret = Auth(given["auth"]), given["secret"]
        in_texts = Placeholder.SECRET in self.names_in_use | names_in(given["balance_url"])
        if auth is Auth.BASIC and not given["username"]:
            self.add_error("username", _("Basic needs the name of a user."))
        if auth is Auth.HEADER and not given["auth_header"]:
            self.add_error("auth_header", _("Name the header that holds the secret."))
        if (in_texts or auth is not Auth.NONE) and not secret:
            self.add_error("secret", _("Give the secret; or choose not to sign in."))
        if secret and auth is Auth.NONE and not in_texts:
            self.add_error(
                "auth",
                _("The secret would be used nowhere: choose how to sign in, or write %SECRET%."),
            )
