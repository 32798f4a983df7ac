"""Authenticated encryption of single values, bound to the place where they stand.

A ciphertext reads `v1.<key id>.<base64 of nonce and AES-256-GCM ciphertext>`. The place (model,
field and primary key) and the key id are authenticated with it (NIST SP 800-38D, additional data),
so a value that is moved to another row or field, or whose key id is edited, is refused.
"""

import base64
import binascii
import hashlib
import logging
import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = "v1"
NONCE_BYTES = 12

logger = logging.getLogger(__name__)


class DecryptionFailed(Exception):
    """The value is damaged, stands in another place than it was written for, or its key is gone.

    Callers let it pass: whatever needed the value fails closed.
    """


def encrypt(plaintext: str, *, place: str) -> str:
    """Encrypt with the newest key of DATA_KEYS, for that place only."""
    key_id = newest_key_id()
    nonce = os.urandom(NONCE_BYTES)
    sealed = _ciphers()[key_id].encrypt(nonce, plaintext.encode(), _bound_to(place, key_id))
    return f"{VERSION}.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(ciphertext: str, *, place: str) -> str:
    """The plaintext, or DecryptionFailed; the failure is logged with the place, never the value."""
    try:
        version, key_id, encoded = ciphertext.split(".")
        cipher = _ciphers()[key_id]
        raw = base64.b64decode(encoded, altchars=b"-_", validate=True)
        opened = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(place, key_id))
        if version != VERSION:
            raise ValueError("unknown version")
        return opened.decode()
    except (ValueError, KeyError, InvalidTag, binascii.Error) as error:
        logger.error("refused a ciphertext", extra={"place": place, "error": type(error).__name__})
        raise DecryptionFailed(place) from None


def newest_key_id() -> str:
    return next(iter(_ciphers()))


def newest_prefix() -> str:
    """What every value that is encrypted with the newest key begins with."""
    return f"{VERSION}.{newest_key_id()}."


def key_id_of(key: bytes) -> str:
    return hashlib.sha256(b"backoffice data key" + key).hexdigest()[:12]


def derive_key(purpose: str) -> bytes:
    """A 32-byte key of its own for another purpose, from the newest data key."""
    return hashlib.blake2b(
        purpose.encode(), key=settings.DATA_KEYS[0], digest_size=32, person=b"backoffice"
    ).digest()


def _bound_to(place: str, key_id: str) -> bytes:
    return f"{VERSION}|{key_id}|{place}".encode()


def _ciphers() -> dict[str, AESGCM]:
    return _ciphers_of(tuple(settings.DATA_KEYS))


@lru_cache(maxsize=8)
def _ciphers_of(keys: tuple[bytes, ...]) -> dict[str, AESGCM]:
    return {key_id_of(key): AESGCM(key) for key in keys}
