"""What the sending of SMS tells: a code that could not be delivered is trouble of its client."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from smsproviders.vocabulary import MessageState
from twofa import two_factor_column
from twofa.models import Challenge

_TROUBLE = frozenset({MessageState.FAILED, MessageState.UNDELIVERED, MessageState.EXPIRED})


def on_message_moved(*, reference: str, state: MessageState, **_: Any) -> None:
    """Receiver of `smsproviders.signals.message_moved`; other references are not ours."""
    if state not in _TROUBLE:
        return
    try:
        challenge_id = UUID(reference)
    except ValueError:
        return
    challenge = Challenge.objects.filter(pk=challenge_id, consumed_at=None).first()
    # A code withdrawn because of a newer one, or because it was typed, is no trouble.
    if challenge is not None and challenge.superseded_at is None:
        two_factor_column.note_trouble(challenge.user, at=timezone.now())
