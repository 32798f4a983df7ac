"""Keeps `Client.two_factor` and `Client.last_trouble_at` true: what lists of a million rows show.

Called in the transaction of whatever changes them.
"""

from datetime import UTC, datetime
from uuid import UUID

from backoffice.common.ready_changes import ReadyChange
from clients.models import Client, TwoFactor, User
from twofa.models import Authenticator, SmsConfirmation

_WORDS = {
    (False, False): TwoFactor.NONE,
    (True, False): TwoFactor.AUTHENTICATOR,
    (False, True): TwoFactor.SMS,
    (True, True): TwoFactor.BOTH,
}

_note_trouble = ReadyChange(
    lambda user_id, at: (Client.objects.filter(user=user_id), {"last_trouble_at": at}),
    UUID(int=0),
    datetime.min.replace(tzinfo=UTC),
)


def refresh(user: User) -> None:
    """After a factor came or went."""
    authenticator = Authenticator.objects.filter(user=user, confirmed=True).exists()
    sms = SmsConfirmation.objects.filter(user=user, confirmed=True).exists()
    Client.objects.filter(user=user).update(two_factor=_WORDS[authenticator, sms])


def note_trouble(user: User, *, at: datetime) -> None:
    """A code was refused, or could not be sent or delivered."""
    _note_trouble(user.pk, at)
