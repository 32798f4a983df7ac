"""What ties a challenge to the session that asked for it: a random value, known by its digest."""

from django.http import HttpRequest


def of(request: HttpRequest) -> str:
    """The digest of the session's value; the value is made at the first call.

    It survives a new session id, so that a step-up between asking and typing does no harm.
    """
    raise NotImplementedError


def renew(request: HttpRequest) -> str:
    """A new value: what was asked for before can no longer be typed in this session."""
    raise NotImplementedError
