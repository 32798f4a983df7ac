"""The head of the chain: its last link, as it is kept outside of the database.

It is all that tells of a log whose end was cut off together with its seals.
"""

import json
from dataclasses import dataclass
from typing import Self

from backoffice.audit import chain
from backoffice.audit.models import AuditSeal

KIND = "audit head"
MAX_BYTES = 4096


class HeadUnreadable(Exception):
    """What lies at the address is no head, or was not signed by us."""


@dataclass(frozen=True, slots=True)
class Head:
    number: int
    digest: str
    sealed_at: str
    key_id: str
    signature: str

    @classmethod
    def of(cls, seal: AuditSeal) -> Self:
        sealed_at = seal.sealed_at.isoformat(timespec="seconds")
        return cls(seal.number, seal.digest, sealed_at, seal.key_id, seal.signature)

    @classmethod
    def read(cls, written: bytes) -> Self:
        """HeadUnreadable for anything but a head that is signed with one of our keys."""
        try:
            values = json.loads(written)
            head = cls(
                number=int(values["number"]),
                digest=str(values["digest"]),
                sealed_at=str(values["sealed_at"]),
                key_id=str(values["key_id"]),
                signature=str(values["signature"]),
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise HeadUnreadable("it is no head of a log") from None
        if not head.is_ours:
            raise HeadUnreadable("it is not signed with AUDIT_KEY")
        return head

    @property
    def is_ours(self) -> bool:
        return chain.is_signed(
            self.number, self.digest, key_id=self.key_id, signature=self.signature
        )

    def written(self) -> bytes:
        """One JSON object; the fingerprint is for people."""
        values = {
            "kind": KIND,
            "format": chain.FORMAT,
            "number": self.number,
            "digest": self.digest,
            "fingerprint": chain.fingerprint(self.digest),
            "sealed_at": self.sealed_at,
            "key_id": self.key_id,
            "signature": self.signature,
        }
        return json.dumps(values).encode() + b"\n"


def last_seal() -> AuditSeal | None:
    return AuditSeal.objects.order_by("-number").first()


def fits(head: Head) -> bool:
    """Whether the log still has the link that the head names."""
    return AuditSeal.objects.filter(number=head.number, digest=head.digest).exists()
