"""What a trusted browser keeps: the series and its present secret, signed so that only what we made
is looked at.

SameSite=Strict: it is needed by the forms of our own sign-in pages and by nothing that another site
leads to.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

SALT = "twofa.trusted_browser"
_VALUE = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Proof:
    """What the browser shows, or is to keep."""

    series: UUID
    secret: str = field(repr=False)


def shown(request: HttpRequest) -> Proof | None:
    """What this browser shows; None for nothing, and for anything that we did not make."""
    try:
        value = signing.Signer(salt=SALT).unsign(request.COOKIES[settings.TRUSTED_COOKIE_NAME])
    except (KeyError, signing.BadSignature):
        return None
    found = _VALUE.fullmatch(value)
    return Proof(UUID(found[1]), found[2]) if found else None


def put(response: HttpResponse, proof: Proof, *, until: datetime) -> None:
    value = signing.Signer(salt=SALT).sign(f"{proof.series.hex}.{proof.secret}")
    response.set_cookie(
        settings.TRUSTED_COOKIE_NAME,
        value,
        max_age=max(0, int((until - timezone.now()).total_seconds())),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
