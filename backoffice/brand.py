"""The name and colours of the service, for every template."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def brand(request: HttpRequest) -> dict[str, Any]:
    return {"brand_name": settings.BRAND_NAME}
