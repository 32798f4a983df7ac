"""What an SMS says. Its text comes from `smsproviders.templating`; here the code is put into it."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.languages import known
from clients.models import User
from smsproviders import templating, text_kinds
from smsproviders.template_rules import PLACEHOLDER
from smsproviders.text_kinds import BRAND, CODE, TextKind
from twofa.built_in_texts import BUILT_IN
from twofa.policy_keys import SERVICE_NAME, SERVICE_NAME_LENGTH
from twofa.vocabulary import Purpose

EXAMPLE_CODE = "123456"

_WORDS = {
    Purpose.SIGN_IN: (
        gettext_lazy("Signing in"),
        gettext_lazy("Sent after the password."),
    ),
    Purpose.ENROL: (
        gettext_lazy("Enabling SMS confirmation"),
        gettext_lazy("Sent to a number that a client enables or changes to."),
    ),
    Purpose.STEP_UP: (
        gettext_lazy("Confirming a change"),
        gettext_lazy("Sent before a client changes the password, a factor or the number."),
    ),
    Purpose.OPERATOR_ACT: (
        gettext_lazy("Confirming an operator's act"),
        gettext_lazy("Sent to an operator before a factor of a client is disabled."),
    ),
}


def language_of(user: User) -> str:
    """The client's own language; operators read English."""
    client = getattr(user, "client", None)
    return known(client.language if client else "")


def sms_body(code: str, *, purpose: str, language: str) -> str:
    return message(templating.text_for(purpose, language=language), code, name=SERVICE_NAME())


def message(text: str, code: str, *, name: str) -> str:
    """The text with the code and the service's name in it, and the line that no text can break.

    That last line is the format of https://wicg.github.io/sms-one-time-codes/: browsers and iOS
    offer the code on that host only, which no look-alike page can claim. A host has no port there.
    """
    values = {CODE: code, BRAND: name}
    # In one go, so that a name is never read as a placeholder.
    filled = PLACEHOLDER.sub(lambda found: values.get(found[0], found[0]), text)
    return f"{filled}\n\n{last_line(code)}"


def last_line(code: str) -> str:
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    # As browsers compare it, and within the GSM alphabet.
    return f"@{host if host.isascii() else host.encode('idna').decode()} #{code}"


def example(text: str, *, longest: bool = False) -> str:
    """A message as it will be sent; `longest`: were the service's name as long as it may be."""
    name = SERVICE_NAME()
    return message(
        text, EXAMPLE_CODE, name=name.ljust(SERVICE_NAME_LENGTH, "x") if longest else name
    )


def sms_removed_body(*, language: str) -> str:
    """To a number that no longer gets codes. Words only: no digit to be read out to a swindler."""
    with translation.override(language):
        sentence = _(
            "%(service)s: SMS confirmation with this number was switched off. "
            "If this was not you, contact support."
        )
    return sentence % {"service": SERVICE_NAME()}


def phone_changed_body(*, language: str) -> str:
    """To the phone that stood in the profile. Words only, as above."""
    with translation.override(language):
        sentence = _(
            "%(service)s: support changed the phone number of your account. "
            "If this was not you, contact support."
        )
    return sentence % {"service": SERVICE_NAME()}


def lost_device_body(*, language: str) -> str:
    """To the confirmed number. Words only, as above."""
    with translation.override(language):
        sentence = _(
            "%(service)s: somebody asked support to switch your second factor off. "
            "If this was not you, open our e-mail and say so."
        )
    return sentence % {"service": SERVICE_NAME()}


for _purpose, (_words, _occasion) in _WORDS.items():
    text_kinds.register(TextKind(_purpose.value, _words, _occasion, BUILT_IN[_purpose], example))
