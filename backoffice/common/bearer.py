"""Other systems that prove themselves by a bearer token (RFC 6750)."""

from secrets import compare_digest

from django.http import HttpRequest


def has_token(request: HttpRequest, wanted: str) -> bool:
    """In constant time; never where no token is set."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if not wanted or scheme.lower() != "bearer":
        return False
    return compare_digest(token.strip().encode(), wanted.encode())
