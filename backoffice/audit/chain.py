"""How one event is sealed: a SHA-256 chain over the events as stored, each link signed.

The link of an event covers its number, the moment of sealing, the digest of the link before, and
every column of the event. Personal details go in as ciphertext, so erasing a subject's key leaves
the chain whole. The signature is an HMAC-SHA-256 (FIPS 198-1) by `AUDIT_KEY`: who may write to the
database but has no key can make no link. Format 1 never changes, or no old log could be verified.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

FORMAT = 1
# Of AuditEvent, in this order.
SEALED_FIELDS = (
    "id",
    "at",
    "action",
    "outcome",
    "actor_kind",
    "actor_id",
    "subject",
    "facts",
    "personal",
    "request_id",
)
START = ""
"""What stands for the digest before the first link."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a digest and a signature are made over, beside the event itself."""

    number: int
    sealed_at: datetime
    previous: str


def digest_of(link: Link, event: Sequence[Any]) -> str:
    """`event`: the values of SEALED_FIELDS."""
    whole = [FORMAT, link.number, _written(link.sealed_at), link.previous, *map(_written, event)]
    return hashlib.sha256(_as_bytes(whole)).hexdigest()


def sign(number: int, digest: str, key: bytes | None = None) -> str:
    """With the present key unless another is given."""
    message = _as_bytes([FORMAT, number, digest])
    return hmac.new(key or settings.AUDIT_KEY, message, hashlib.sha256).hexdigest()


def is_signed(number: int, digest: str, *, key_id: str, signature: str) -> bool:
    """By the present key, or one of those before it."""
    key = keys().get(key_id)
    return key is not None and hmac.compare_digest(
        sign(number, digest, key).encode(), signature.encode()
    )


def keys() -> Mapping[str, bytes]:
    """By their ids, the present one first."""
    return {key_id_of(key): key for key in (settings.AUDIT_KEY, *settings.AUDIT_KEY_FALLBACKS)}


def key_id_of(key: bytes) -> str:
    return hashlib.sha256(b"backoffice audit key" + key).hexdigest()[:12]


def fingerprint(digest: str) -> str:
    """For people to compare: `1a2b 3c4d 5e6f 7081`, the beginning of a digest."""
    return " ".join(digest[place : place + 4] for place in range(0, 16, 4))


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value


def _as_bytes(values: list[Any]) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()
