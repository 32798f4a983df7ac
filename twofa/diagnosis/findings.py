"""What a diagnosis is made of: findings with their evidence, checks, and the timeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import translation
from django.utils.functional import Promise

from clients.models import User
from twofa.diagnosis.catalogue import CATALOGUE, Entry
from twofa.diagnosis.vocabulary import CauseId, Confidence, Owner, Result
from twofa.vocabulary import FactorKind

OK = "ok"
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Fact:
    """One short piece of evidence, with its time where it has one."""

    words: Words
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding's actions act upon, where the cause alone does not tell."""

    provider_id: UUID | None = None
    message_id: UUID | None = None
    incident_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause found for a client. `at`: of its newest evidence; `factor`: whose codes it stops.

    `owned_by`: who can mend it, where that is not who mostly can.
    """

    cause: CauseId
    confidence: Confidence
    evidence: tuple[Fact, ...]
    at: datetime
    since: datetime | None = None
    factor: FactorKind | None = None
    values: Mapping[str, Words] = field(default_factory=dict)
    subject: Subject = Subject()
    owned_by: Owner | None = None

    @property
    def entry(self) -> Entry:
        return CATALOGUE[self.cause]

    @property
    def owner(self) -> Owner:
        return self.owned_by or self.entry.owner

    @property
    def summary(self) -> str:
        return self._filled(self.entry.summary)

    @property
    def before(self) -> str:
        return str(self.entry.before)

    @property
    def after(self) -> str:
        return self._filled(self.entry.after)

    def tell(self, language: str) -> tuple[str, str]:
        """What to tell the client, before and after he is identified, in that language."""
        with translation.override(language):
            return self.before, self.after

    def _filled(self, words: Words) -> str:
        """Values may be empty, and leave no gap behind."""
        return " ".join((str(words) % self.values).split())


@dataclass(frozen=True, slots=True)
class Checked:
    """One line of the checklist. `checked_at`: of the facts it was judged by."""

    check: str
    title: Words
    result: Result
    words: Words
    checked_at: datetime | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the timeline. `tone`: ok, warn, bad, act (an operator's), or ""."""

    at: datetime
    words: Words
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Findings in the order of likelihood; the first one is the verdict.

    `wrong_codes`: in a row, without a right one since; 0 for a moment that is over.
    """

    user: User
    at: datetime
    findings: tuple[Finding, ...]
    checks: tuple[Checked, ...]
    timeline: tuple[Step, ...] = ()
    is_past: bool = False  # as of `at`, a moment that is over
    wrong_codes: int = 0

    @property
    def verdict(self) -> str:
        """The id of the likeliest cause, or `ok`."""
        return self.findings[0].cause.value if self.findings else OK
