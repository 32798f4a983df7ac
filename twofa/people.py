"""Who asks, as our own user model."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from clients.models import User
from twofa.models import TrustedBrowser
from twofa.results import Device


def signed_in(request: HttpRequest) -> User:
    """The signed-in user; PermissionDenied when nobody is."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def code_device(request: HttpRequest) -> Device | None:
    """The factor whose code was typed in this session; None where the password was enough, or a
    trusted browser."""
    device: Device | TrustedBrowser | None = getattr(request.user, "otp_device", None)
    return None if isinstance(device, TrustedBrowser) else device
