"""The address at which a provider reports to us."""

from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings

from smsproviders.models import SmsProvider


def callback_url(provider: SmsProvider, attempt_id: UUID) -> str:
    """The address for the reports of one attempt.

    The attempt's id is part of what the provider signs, so that a report can settle a call whose
    answer never came.
    """
    query = urlencode({"attempt": attempt_id})
    return f"{settings.PUBLIC_URL}/sms/reports/{provider.name}/?{query}"
