"""Where Twilio's API is. The SDK knows several hosts: api, messaging."""

from typing import Any

from django.core.checks import CheckMessage, register

from smsproviders.backends.api_address import ApiAddress

TWILIO = ApiAddress("Twilio", "TWILIO_API_URL", "TWILIO_API_HOSTS", check_id="smsproviders.E001")


@register
def twilio_api_url_is_allowed(app_configs: Any, **_: Any) -> list[CheckMessage]:
    return TWILIO.problems()
