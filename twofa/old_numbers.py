"""An SMS in words to a number, when something about it or by it changed.

No code, hence neither the pause between codes nor their caps: who asked for codes without end could
else keep it from being sent. It has a cap of its own, and goes to allowed countries only.
"""

import logging
from datetime import timedelta

from django.utils import timezone

from backoffice.common.identifiers import first_uuid7_at
from smsproviders import outbox
from smsproviders.models import SmsMessage
from twofa.numbers import country_of
from twofa.policy_keys import ALLOWED_COUNTRIES

PURPOSE = "notice"
TOLD_WITHIN = timedelta(hours=1)
# To one number in a day.
MOST, DAY = 5, timedelta(days=1)

logger = logging.getLogger(__name__)


def tell(number: str, body: str) -> bool:
    """Queue it, in the present transaction; whether it will be sent. `number`: E.164, or ""."""
    country = country_of(number) if number else ""
    if not country or country not in ALLOWED_COUNTRIES():
        return False
    if _told_lately(number) >= MOST:
        logger.warning("a number is told no more today", extra={"country": country})
        return False
    expires_at = timezone.now() + TOLD_WITHIN
    outbox.queue(number=number, body=body, purpose=PURPOSE, expires_at=expires_at, country=country)
    return True


def _told_lately(number: str) -> int:
    since = first_uuid7_at(timezone.now() - DAY)
    return SmsMessage.objects.filter(number=number, purpose=PURPOSE, id__gte=since).count()
