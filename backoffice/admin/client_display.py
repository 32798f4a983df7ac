"""How a client is shown, in the list and on the page, and where the page is."""

from django.core.exceptions import ObjectDoesNotExist
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.admin.display import Tone, chip
from clients.models import Client, ClientStatus, TwoFactor
from twofa import locks
from twofa.diagnosis.words import clock
from twofa.results import Lock

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
    """An active client whom wrong codes keep out reads "Locked": for whoever calls, that is it.

    Asks the database nothing where `user.verification_state` was read along.
    """
    lock = _lock(client) if client.status == ClientStatus.ACTIVE else None
    if lock and lock.until is None:
        return chip(_("Locked until unlocked"), Tone.BAD)
    if lock:
        return chip(_("Locked until %(time)s") % {"time": clock(lock.until)}, Tone.WARN)
    return chip(client.get_status_display(), STATUS_TONES[ClientStatus(client.status)])


def _lock(client: Client) -> Lock | None:
    try:
        state = client.user.verification_state
    except ObjectDoesNotExist:
        return None
    return locks.lock_of(state, at=timezone.now())


def two_factor_chip(client: Client) -> SafeString:
    tone = Tone.CALM if client.two_factor == TwoFactor.NONE else Tone.OK
    return chip(TWO_FACTOR_WORDS[TwoFactor(client.two_factor)], tone)


def address_of(client: Client, tab: str = GENERAL) -> str:
    """A tab of the client's page."""
    return reverse(f"admin:clients_client_{tab}", args=[client.pk])
