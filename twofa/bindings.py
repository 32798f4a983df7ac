"""What ties a challenge to the session that asked for it: a random value, known by its digest."""

import hashlib
import secrets

from django.http import HttpRequest

_KEY = "code_binding"


def of(request: HttpRequest) -> str:
    """The digest of the session's value; the value is made at the first call.

    It survives a new session id, so that a step-up between asking and typing does no harm.
    """
    if _KEY not in request.session:
        return renew(request)
    return hashlib.sha256(str(request.session[_KEY]).encode()).hexdigest()


def renew(request: HttpRequest) -> str:
    """A new value: what was asked for before can no longer be typed in this session."""
    request.session[_KEY] = secrets.token_urlsafe(32)
    return of(request)
