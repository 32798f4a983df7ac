"""What an SMS says. Short: one GSM-7 segment of 160 characters, two where UCS-2 is needed."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from clients.models import User
from twofa.policy_keys import SERVICE_NAME


def language_of(user: User) -> str:
    """The client's own language; operators read English."""
    client = getattr(user, "client", None)
    return client.language if client else settings.LANGUAGE_CODE


def sms_body(code: str, *, language: str) -> str:
    """The code first, so that a locked phone shows it.

    The last line is the WebOTP format (https://wicg.github.io/sms-one-time-codes/): browsers and
    iOS offer the code on that host only, which no look-alike page can claim.
    """
    with translation.override(language):
        sentence = _("%(code)s is your %(service)s security code.")
    host = urlsplit(settings.PUBLIC_URL).hostname
    return f"{sentence % {'code': code, 'service': SERVICE_NAME()}}\n\n@{host} #{code}"


def sms_removed_body(*, language: str) -> str:
    """To a number that no longer gets codes. Words only: no digit to be read out to a swindler."""
    with translation.override(language):
        sentence = _(
            "%(service)s: SMS confirmation with this number was switched off. "
            "If this was not you, contact support."
        )
    return sentence % {"service": SERVICE_NAME()}
