"""How the sealing stands, from three small reads: for pages, health checks and alerts.

It trusts what is written down. Only `verify_audit` proves anything.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from backoffice.audit import chain
from backoffice.audit.head import last_seal
from backoffice.audit.models import AuditEvent, SealingState, UnsealedEvent

# Beat seals every 10 s.
LATE = timedelta(minutes=5)
SILENCE = timedelta(minutes=2)
# What cannot be reached from here for a moment is no news yet; a cut or a forged seal is.
PATIENCE = {
    SealingState.Trouble.FAILED: timedelta(minutes=2),
    SealingState.Trouble.HEAD_UNWRITTEN: timedelta(minutes=5),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """`trouble` is "" or a value of SealingState.Trouble."""

    seals: int
    sealed_at: datetime | None
    fingerprint: str
    oldest_waits_since: datetime | None
    ran_at: datetime | None
    trouble: str
    trouble_since: datetime | None

    @property
    def is_late(self) -> bool:
        """Events wait for long, and no run got through lately: nobody seals."""
        now = timezone.now()
        waits = self.oldest_waits_since is not None and now - self.oldest_waits_since > LATE
        return waits and (self.ran_at is None or now - self.ran_at > SILENCE)

    @property
    def lasting_trouble(self) -> str:
        """The trouble once it has lasted for long enough to be told."""
        if not self.trouble or self.trouble_since is None:
            return ""
        patience = PATIENCE.get(SealingState.Trouble(self.trouble), timedelta())
        return self.trouble if timezone.now() - self.trouble_since >= patience else ""

    @property
    def is_well(self) -> bool:
        return not self.is_late and not self.lasting_trouble


def standing() -> Standing:
    seal, state = last_seal(), SealingState.objects.first() or SealingState()
    return Standing(
        seals=seal.number if seal else 0,
        sealed_at=seal.sealed_at if seal else None,
        fingerprint=chain.fingerprint(seal.digest) if seal else "",
        oldest_waits_since=_oldest_waits_since(),
        ran_at=state.ran_at,
        trouble=state.trouble,
        trouble_since=state.trouble_since,
    )


def _oldest_waits_since() -> datetime | None:
    at = AuditEvent.objects.filter(pk=OuterRef("event_id")).values("at")
    waiting = UnsealedEvent.objects.order_by("event_id").annotate(at=Subquery(at))
    return waiting.values_list("at", flat=True).first()
