"""Messages as operators find them: with calls, reports and the client whose code they carry."""

from time import sleep
from typing import Any

from django.utils import timezone

from backoffice.common.identifiers import uuid7
from clients.models import Client
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, Decision, MessageState, Progress
from tests.smsproviders import old_rows
from twofa.models import Challenge, SmsConfirmation
from twofa.vocabulary import FactorKind, Purpose

LIST = "/admin/smsproviders/smsmessage/"


def provider(name: str = "main", **fields: Any) -> SmsProvider:
    given = {"caption": name.title(), "backend": "twilio", "enabled": True, **fields}
    return SmsProvider.objects.create(name=name, **given)


def message(*, days: float = 0.01, by: SmsProvider | None = None, **fields: Any) -> SmsMessage:
    """Delivered, unless the fields say otherwise; `by`: one call of that provider."""
    made = old_rows.message(days=days, **{"reference": "", "country": "GB", **fields})
    # Keys of one millisecond are in no order.
    sleep(0.001)
    if by is not None:
        call(made, by)
    return made


def call(of: SmsMessage, by: SmsProvider, **fields: Any) -> SmsAttempt:
    given = {"provider": by, "provider_caption": by.caption, "country": of.country, **fields}
    return old_rows.attempt(of, **{"provider_message_id": f"SM{of.pk.hex}", **given})


def failed(
    by: SmsProvider, *, days: float = 0.01, code: str = "30003", **fields: Any
) -> SmsMessage:
    cause = fields.pop("cause", Cause.HANDSET_UNREACHABLE)
    lost = message(days=days, state=MessageState.UNDELIVERED, cause=cause, **fields)
    facts = {"decision": Decision.NEXT_ONCE, "progress": Progress.UNDELIVERED}
    call(lost, by, cause=cause, error_code=code, **facts)
    return lost


def challenge(client: Client, **fields: Any) -> Challenge:
    """Of the client's factor; over, unless the fields say otherwise."""
    factor = SmsConfirmation.objects.filter(user=client.user).first()
    at = timezone.now()
    given = {
        "user": client.user,
        "factor": FactorKind.SMS,
        "purpose": Purpose.SIGN_IN,
        "binding": "b" * 64,
        "factor_id": factor.pk if factor else None,
        "number": str(factor.number) if factor else "",
        "public_reference": uuid7().hex[-9:].upper(),
        "expires_at": at,
        **fields,
    }
    return Challenge.objects.create(**given)


def message_to(client: Client, **fields: Any) -> SmsMessage:
    asked = challenge(client, **fields.pop("challenge", {}))
    return message(reference=str(asked.pk), **{"number": asked.number, **fields})
