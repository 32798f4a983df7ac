"""Personal details of an event.

Encrypted with the subject's own key, and gone when that key is deleted.
"""

import base64
import json
import os
from collections.abc import Iterable, Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backoffice.audit.models import AuditEvent, SubjectKey
from backoffice.common.ready_queries import ReadyInsert, ReadyQuery

KEY_BYTES = 32
NONCE_BYTES = 12

_key_rows = ReadyQuery(lambda subject: SubjectKey.objects.filter(subject=subject), "subject")
_insert_key = ReadyInsert(SubjectKey, unless_there=True)


def seal(details: Mapping[str, str], *, subject: str, event_id: UUID) -> str:
    """The details as ciphertext, or "" when there are none."""
    present = {name: value for name, value in details.items() if value}
    if not present:
        return ""
    nonce = os.urandom(NONCE_BYTES)
    cipher = AESGCM(_key_of(subject))
    sealed = cipher.encrypt(nonce, json.dumps(present).encode(), event_id.bytes)
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def reveal(event: AuditEvent) -> dict[str, str] | None:
    """The details; {} when there never were any, None when the subject was erased."""
    return reveal_all([event])[event.id]


def reveal_all(events: Iterable[AuditEvent]) -> dict[UUID, dict[str, str] | None]:
    """As `reveal`, of many events, by their ids, with one query for the keys."""
    shown = list(events)
    subjects = {event.subject for event in shown if event.personal}
    rows = SubjectKey.objects.filter(subject__in=subjects) if subjects else []
    keys = {row.subject: row for row in rows}
    return {event.id: _open(event, keys.get(event.subject)) for event in shown}


def _open(event: AuditEvent, row: SubjectKey | None) -> dict[str, str] | None:
    if not event.personal:
        return {}
    if row is None:
        return None
    raw = base64.urlsafe_b64decode(event.personal)
    cipher = AESGCM(base64.urlsafe_b64decode(row.key))
    try:
        opened = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], event.id.bytes)
    except InvalidTag:
        return None  # sealed with a key that was erased since
    details: dict[str, str] = json.loads(opened)
    return details


def erase(subject: str) -> None:
    """Make every personal detail about the subject unreadable, for good."""
    SubjectKey.objects.filter(subject=subject).delete()


def _key_of(subject: str) -> bytes:
    row = next(iter(_key_rows(subject)), None) or _new_key(subject)
    return base64.urlsafe_b64decode(row.key)


def _new_key(subject: str) -> SubjectKey:
    """Somebody else may make one at the same moment."""
    fresh = base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()
    _insert_key(SubjectKey(subject=subject, key=fresh))
    return _key_rows(subject)[0]
