"""Profile > Security > Support PIN: what a client reads out, so that support knows who calls."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from twofa import support_pins
from twofa.views.security_page import SecurityPage


class SupportPinPage(SecurityPage):
    """The PIN stands only in the answer to the button."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("twofa:security")

    def post(self, request: HttpRequest) -> HttpResponse:
        shown = support_pins.show(request)
        pin = f"{shown.pin[:3]} {shown.pin[3:]}" if shown else ""
        return self.page(
            "twofa/support_pin.html",
            pin=pin,
            until=shown.until if shown else None,
            most=support_pins.SHOWN_AN_HOUR,
        )
