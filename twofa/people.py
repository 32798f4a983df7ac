"""Who asks, as our own user model."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from clients.models import User


def signed_in(request: HttpRequest) -> User:
    """The signed-in user; PermissionDenied when nobody is."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
