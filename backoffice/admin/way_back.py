"""Back to the page from which an act was begun, which is not always the act's own."""

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

NEXT = "next"


def way_back(request: HttpRequest) -> str:
    """The page of the Back Office that the form or the address asks for, or ""."""
    asked = request.POST.get(NEXT) or request.GET.get(NEXT, "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours and asked.startswith(reverse("admin:index")) else ""


def with_way_back(address: str, back: str) -> str:
    """The address, told to lead back there."""
    return f"{address}?{urlencode({NEXT: back})}" if back else address
