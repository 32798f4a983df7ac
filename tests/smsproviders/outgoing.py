"""An SMS as sending hands it to a backend."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from backoffice.common.identifiers import uuid7
from smsproviders.contract import OutgoingSms

PHONE = "+447700900123"
TEXT = "482913 is your Example security code.\n\n@example.com #482913"


def an_sms(**changes: Any) -> OutgoingSms:
    attempt_id = uuid7()
    sms = OutgoingSms(
        attempt_id=attempt_id,
        to=PHONE,
        body=TEXT,
        sender="",
        expires_at=timezone.now() + timedelta(seconds=300),
        callback_url=f"http://127.0.0.1:8000/sms/reports/twilio/?attempt={attempt_id}",
    )
    return replace(sms, **changes)
