"""How a client is shown, in the list and on the page, and where the page is."""

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.admin.display import Tone, chip
from clients.models import Client, ClientStatus, TwoFactor

STATUS_TONES = {
    ClientStatus.ACTIVE: Tone.OK,
    ClientStatus.BLOCKED: Tone.BAD,
    ClientStatus.CLOSED: Tone.CALM,
}
# Short, for a column.
TWO_FACTOR_WORDS = {
    TwoFactor.NONE: _("None"),
    TwoFactor.AUTHENTICATOR: _("Authenticator"),
    TwoFactor.SMS: _("SMS"),
    TwoFactor.BOTH: _("Both"),
}
# The tabs: part of their addresses, and of the names of those.
GENERAL, SETTINGS, SESSIONS = "change", "settings", "sessions"
MESSAGES, ACTIVITY = "messages", "activity"


def status_chip(client: Client) -> SafeString:
    return chip(client.get_status_display(), STATUS_TONES[ClientStatus(client.status)])


def two_factor_chip(client: Client) -> SafeString:
    tone = Tone.CALM if client.two_factor == TwoFactor.NONE else Tone.OK
    return chip(TWO_FACTOR_WORDS[TwoFactor(client.two_factor)], tone)


def address_of(client: Client, tab: str = GENERAL) -> str:
    """A tab of the client's page."""
    return reverse(f"admin:clients_client_{tab}", args=[client.pk])
