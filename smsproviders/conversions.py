"""Telling a provider that the code of a message was typed, where its API takes that.

It helps the provider to route. Best effort: what the broker does not take is not told.
"""

import logging
from functools import partial
from uuid import UUID

from django.db import transaction

from smsproviders.contract import Deadline
from smsproviders.models import SmsAttempt
from smsproviders.publishing import BROKER_ERRORS
from smsproviders.vocabulary import Decision

SECONDS = 5.0

logger = logging.getLogger(__name__)


def tell_on_commit(message_id: UUID) -> None:
    transaction.on_commit(partial(_put, message_id), robust=True)


def _put(message_id: UUID) -> None:
    from smsproviders.tasks import confirm  # tasks import the whole of sending

    try:
        confirm.apply_async((str(message_id),), expires=3600)
    except BROKER_ERRORS as error:
        logger.warning("a typed code is not confirmed", extra={"error": type(error).__name__})


def tell(message_id: UUID) -> None:
    """To the provider of the last attempt that was taken."""
    from smsproviders.accounts import backend_for

    taken = SmsAttempt.objects.filter(message=message_id, decision=Decision.DONE)
    attempt = taken.exclude(provider_message_id="").order_by("-number").first()
    if attempt is not None and attempt.provider is not None:
        deadline = Deadline.after(SECONDS)
        backend_for(attempt.provider).confirm(attempt.provider_message_id, deadline=deadline)
