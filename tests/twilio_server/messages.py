"""Messages as Twilio keeps them, and the store that moves them on."""

import threading
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from . import segments
from .errors import title
from .exchange import rfc2822

API_VERSION = "2010-04-01"
PRICE = "-0.0079"


class Status(StrEnum):
    """Those of Twilio's message statuses that an outgoing SMS can have."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Message:
    """A message at one moment. The store replaces it with a later one; a copy you hold stays."""

    sid: str
    account_sid: str
    to: str
    body: str
    sender: str | None
    messaging_service_sid: str | None
    status_callback: str | None
    validity_period: int
    attempt: int | None
    provide_feedback: bool
    created_at: datetime
    updated_at: datetime
    status: Status = Status.QUEUED
    sent_at: datetime | None = None
    error_code: int | None = None
    feedback: str | None = None
    history: tuple[Status, ...] = ()

    @property
    def uri(self) -> str:
        return f"/{API_VERSION}/Accounts/{self.account_sid}/Messages/{self.sid}"

    def as_json(self) -> dict[str, object]:
        """The message resource, key by key as Twilio's OpenAPI description has it.

        Through a messaging service `from` is null and `num_segments` "0" until a sender is chosen.
        """
        price = self.sent_at is not None
        return {
            "account_sid": self.account_sid,
            "api_version": API_VERSION,
            "body": self.body,
            "date_created": rfc2822(self.created_at),
            "date_sent": rfc2822(self.sent_at),
            "date_updated": rfc2822(self.updated_at),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None if self.error_code is None else title(self.error_code),
            "from": self.sender,
            "messaging_service_sid": self.messaging_service_sid,
            "num_media": "0",
            "num_segments": "0" if self.sender is None else str(segments.count(self.body)),
            "price": PRICE if price else None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status.value,
            "subresource_uris": {
                "media": f"{self.uri}/Media.json",
                "feedback": f"{self.uri}/Feedback.json",
            },
            "to": self.to,
            "uri": f"{self.uri}.json",
        }


class MessageStore:
    """All messages of one account, in the order they were accepted. Safe to share by threads."""

    def __init__(self) -> None:
        self._messages: dict[str, Message] = {}
        self._lock = threading.Lock()

    def add(self, message: Message) -> None:
        with self._lock:
            self._messages[message.sid] = replace(message, history=(message.status,))

    def all(self) -> list[Message]:
        with self._lock:
            return list(self._messages.values())

    def get(self, sid: str) -> Message | None:
        with self._lock:
            return self._messages.get(sid)

    def advance(
        self, sid: str, status: Status, *, error_code: int | None = None, sender: str | None = None
    ) -> Message:
        """Give the message its next status, and a sender where it still lacks one."""
        with self._lock:
            old = self._messages[sid]
            now = datetime.now(UTC)
            new = replace(
                old,
                status=status,
                error_code=error_code,
                sender=old.sender or sender,
                sent_at=old.sent_at or (now if status is Status.SENT else None),
                updated_at=now,
                history=(*old.history, status),
            )
            self._messages[sid] = new
            return new

    def give_feedback(self, sid: str, outcome: str) -> Message:
        with self._lock:
            self._messages[sid] = replace(self._messages[sid], feedback=outcome)
            return self._messages[sid]


def new_sid(prefix: str) -> str:
    """A Twilio id: two letters and 32 hexadecimal digits."""
    return prefix + uuid.uuid4().hex
