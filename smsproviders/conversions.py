"""Telling a provider that the code of a message was typed, where its API takes that.

It helps the provider to route. Best effort: what the broker does not take is not told.
"""

from contextlib import suppress
from uuid import UUID

from smsproviders.accounts import ProviderUnusable, backend_for
from smsproviders.contract import Deadline
from smsproviders.models import SmsAttempt
from smsproviders.vocabulary import Decision

CALL_SECONDS = 5.0


def tell(message_id: UUID) -> None:
    """To the provider that took it last."""
    taken = SmsAttempt.objects.filter(message=message_id, decision=Decision.DONE)
    attempt = taken.exclude(provider_message_id="").order_by("-number").first()
    if attempt is None or attempt.provider is None:
        return
    with suppress(ProviderUnusable):
        backend = backend_for(attempt.provider)
        backend.confirm(attempt.provider_message_id, deadline=Deadline.after(CALL_SECONDS))
