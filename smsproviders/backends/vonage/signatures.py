"""The proof that a delivery receipt comes from Vonage.

https://developer.vonage.com/en/getting-started/concepts/signing-messages
"""

import hmac
import json
import re
from collections.abc import Mapping, Sequence

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from smsproviders.contract import ReportRefused

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
SIGNATURE = "sig"
# What is signed does not tell a "&" or "=" within a name from one between two parameters.
_NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")


class Algorithm(models.TextChoices):
    """Those of Vonage's that are worth trusting; not MD5, hashed or as HMAC, nor SHA-1."""

    SHA256 = "sha256", _("SHA-256 HMAC")
    SHA512 = "sha512", _("SHA-512 HMAC")


def parameters(request: HttpRequest) -> dict[str, str]:
    """What was posted, form or JSON, each name once; ReportRefused for anything else.

    What stands in the address is not under the signature, and not read.
    """
    if request.content_type == FORM:
        given = _of_form(request)
    elif request.content_type == JSON:
        given = _of_json(request.body)
    else:
        raise ReportRefused
    if not all(_NAME.fullmatch(name) for name in given):
        raise ReportRefused
    return given


def authenticate(
    given: Mapping[str, str], *, secrets: Sequence[str], algorithm: Algorithm, api_key: str
) -> None:
    """Raise ReportRefused unless who knows a secret of this account signed these parameters.

    Secret and algorithm are those of our settings, whatever the request says. `timestamp` and
    `nonce` are signed, but an old receipt is taken: Vonage repeats one for a day, and a replay
    changes nothing.
    """
    signature = given.get(SIGNATURE, "").lower()
    text = _signed_text(given)
    if not any(_equal(_digest(text, one, algorithm), signature) for one in secrets):
        raise ReportRefused
    if not _equal(given.get("api-key", api_key), api_key):
        raise ReportRefused


def _of_form(request: HttpRequest) -> dict[str, str]:
    pairs = dict(request.POST.lists())
    if any(len(values) != 1 for values in pairs.values()):
        raise ReportRefused
    return {name: str(values[0]) for name, values in pairs.items()}


def _of_json(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise ReportRefused from None
    if not isinstance(given, dict) or not all(type(one) in {str, int} for one in given.values()):
        raise ReportRefused
    return {name: str(value) for name, value in given.items()}


def _signed_text(given: Mapping[str, str]) -> bytes:
    """`&name=value` of each, by name, with "&" and "=" in values replaced."""
    pairs = (
        f"&{name}={re.sub('[&=]', '_', value)}"
        for name, value in sorted(given.items())
        if name != SIGNATURE
    )
    try:
        return "".join(pairs).encode()
    except UnicodeEncodeError:  # half of a surrogate pair, from JSON
        raise ReportRefused from None


def _digest(text: bytes, secret: str, algorithm: Algorithm) -> str:
    return hmac.new(secret.encode(), text, algorithm.value).hexdigest()


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
