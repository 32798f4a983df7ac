"""Where Vonage's APIs are: the SMS and account API on one host, the Conversion API on another."""

from typing import Any

from django.core.checks import CheckMessage, register

from smsproviders.backends.api_address import ApiAddress

VONAGE = ApiAddress("Vonage", "VONAGE_API_URL", "VONAGE_API_HOSTS", check_id="smsproviders.E002")

SMS = "https://rest.nexmo.com/sms/json"
BALANCE = "https://rest.nexmo.com/account/get-balance"
CONVERSION = "https://api.nexmo.com/conversions/sms"


@register
def vonage_api_url_is_allowed(app_configs: Any, **_: Any) -> list[CheckMessage]:
    return VONAGE.problems()
