"""The phone that the sandbox provider sends to, as a page. It does not exist without DEBUG."""

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from smsproviders.models import SandboxMessage

SHOWN = 50
NUMBERS = 12


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """The messages, of one `?number=` or of all; `?part=messages` the list alone. POST deletes."""
    if not settings.DEBUG:
        raise Http404
    number = chosen_number(request)
    found = messages_to(number)
    if request.method == "POST":
        found.delete()
        return HttpResponseRedirect(_address(number))
    part = request.GET.get("part") == "messages"
    shown = list(found[:SHOWN])
    context = {
        "sms": shown,
        "number": number,
        "newest": shown[0].pk if shown else "",
        "numbers": [] if part else _recent_numbers(),
        "address": _address(number),
        "part_address": _address(number, part="messages"),
    }
    template = "smsproviders/_phone_messages.html" if part else "smsproviders/phone.html"
    return render(request, template, context)


def chosen_number(request: HttpRequest) -> str:
    """In an address `+` means a space: `?number=+44…` is meant as it is read."""
    digits = "".join(one for one in request.GET.get("number", "")[:32] if one in "0123456789")
    return f"+{digits}" if digits else ""


def messages_to(number: str) -> "QuerySet[SandboxMessage]":
    everything = SandboxMessage.objects.order_by("-id")
    return everything.filter(number=number) if number else everything


def _recent_numbers() -> list[str]:
    """Those that were sent to, the latest first."""
    recent = SandboxMessage.objects.order_by("-id").values_list("number", flat=True)[:200]
    return list(dict.fromkeys(recent))[:NUMBERS]


def _address(number: str, **more: str) -> str:
    query = urlencode({**({"number": number} if number else {}), **more})
    address = reverse("smsproviders:sandbox_phone")
    return f"{address}?{query}" if query else address
