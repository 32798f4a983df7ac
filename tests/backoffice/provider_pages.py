"""The pages of System > SMS providers, as a browser uses them."""

from typing import Any

from django.test import Client
from django.utils import timezone

from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision

LIST = "/admin/smsproviders/smsprovider/"
CAN_SEE = ["smsproviders.view_smsprovider"]


def address(provider: SmsProvider, page: str = "change/") -> str:
    return f"{LIST}{provider.pk}/{page}"


def as_shown(integrator: Client, provider: SmsProvider) -> dict[str, Any]:
    """What a browser would post when nothing was touched."""
    form = integrator.get(address(provider)).context["form"]
    fields = [field for part in (form.common, form.own) for field in part]
    values = {field.html_name: field.value() for field in fields}
    return {
        name: "on" if value is True else value
        for name, value in values.items()
        if value not in (None, False)
    }


def save(integrator: Client, provider: SmsProvider, **changes: Any) -> Any:
    given = as_shown(integrator, provider) | changes
    answer = integrator.post(address(provider), {k: v for k, v in given.items() if v is not None})
    provider.refresh_from_db()
    return answer


def attempt(provider: SmsProvider, **fields: Any) -> SmsAttempt:
    message = SmsMessage.objects.create(
        number="+447700900123", purpose="sign_in", expires_at=timezone.now()
    )
    return SmsAttempt.objects.create(
        message=message,
        provider=provider,
        provider_caption=provider.caption,
        number=1,
        **({"decision": Decision.DONE} | fields),
    )
