"""The contract between sending and a provider's backend: send, look up, check, parse reports.

Adding a provider is one file in `smsproviders/backends/`, one line in its registry and one test
class: docs/adding-a-provider.md.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest

from smsproviders.vocabulary import Cause, CheckKind, CheckResult, Progress, Verdict, Words

CALL_SECONDS = 10.0
CONNECT_SECONDS = 3.05
READ_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment (monotonic seconds) at which one call must be over, whatever the peer does."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.at - time.monotonic())


@dataclass(frozen=True, slots=True)
class OutgoingSms:
    """One call's worth: what a backend needs to send, and nothing of clients or factors."""

    attempt_id: UUID
    to: str  # E.164
    body: str = field(repr=False)
    sender: str
    expires_at: datetime
    callback_url: str  # "" when the provider cannot reach us: reports are then asked for
    attempt_number: int = 1


@dataclass(frozen=True, slots=True)
class SendResult:
    """What came of one call. `answer` is redacted: no code, no whole number, no credential."""

    verdict: Verdict
    provider_message_id: str = ""
    error_code: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    segments: int | None = None
    price: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider tells later, by callback or when asked; `payload` is redacted, as answers."""

    provider_message_id: str
    progress: Progress | None  # None: a status we do not know, kept but not applied
    raw_status: str
    error_code: str = ""
    attempt_id: UUID | None = None
    verdict: Verdict | None = None  # of the error code, for undelivered and failed
    payload: Mapping[str, Any] = field(default_factory=dict)
    segments: int | None = None
    price: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a provider: the result, the operator's sentence, the cause of a problem."""

    kind: CheckKind
    result: CheckResult
    words: Words
    cause: Cause | None = None
    balance: Decimal | None = None
    currency: str = ""


class ReportRefused(Exception):
    """A delivery report that is not proved to come from this provider: answered with 403."""


class ReportMalformed(Exception):
    """A delivery report that is proved, but cannot be read: answered with 400."""


@dataclass(frozen=True, slots=True)
class FieldGroup:
    """Settings that belong together, under a title; `folded` until one of them says something."""

    title: Words
    names: tuple[str, ...]
    about: Words = ""
    folded: bool = False


class SettingsForm(forms.Form):
    """The settings of one kind of provider: what they are, what is right, where to find each.

    `default_sender` is the provider's own, so that the form can tell when there is none at all.
    `groups` are for forms that are long; together they name every field.
    """

    groups: ClassVar[Sequence[FieldGroup]] = ()

    def __init__(self, *args: Any, default_sender: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.default_sender = default_sender

    def ask_around(self) -> None:
        """Add the errors that only the network can tell, within seconds.

        Asked of a valid form when somebody saves it, not each time a backend is made of it.
        """


class SmsBackend(ABC):
    """One provider account. Made per provider row and process, shared by threads."""

    key: ClassVar[str]
    name: ClassVar[Words]
    settings_form: ClassVar[type[SettingsForm]]
    # Fields of the form that are written and never shown again.
    secrets: ClassVar[frozenset[str]] = frozenset()
    # Its messages go nowhere: only with DEBUG.
    for_development: ClassVar[bool] = False
    # Messages per second that an account may send unless its row says otherwise; None: no limit.
    default_rate: ClassVar[float | None] = None
    # Since a message was taken, until its state is first asked for where it is not reported; None:
    # the API knows no such question.
    ask_after: ClassVar[timedelta | None] = timedelta(seconds=3)
    # Every code it can answer, so that the operators' words and the tests cover them all.
    error_table: ClassVar[Mapping[str, Verdict]] = {}

    def __init__(self, credentials: Mapping[str, Any], *, provider_id: UUID) -> None:
        """`credentials` are the cleaned values of `settings_form`."""
        self.credentials = credentials
        self.provider_id = provider_id

    @classmethod
    def words_for(cls, error_code: str) -> Words:
        """What an error code means, for operators; "" where it says nothing."""
        known = cls.error_table.get(error_code)
        return known.words if known else ""

    def explain(self, error_code: str) -> Words:
        """As `words_for`, with what this provider's own settings say of its codes."""
        return self.words_for(error_code)

    @classmethod
    def page_of(cls, error_code: str) -> str:
        """Where the provider itself tells about an error code; "" where nowhere."""
        return ""

    @classmethod
    def secrets_to_retype(
        cls, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> frozenset[str]:
        """Stored secrets that a change of the settings would send to another place than before.

        Who may write them only, and not read them, must know them to do that.
        """
        return frozenset()

    @property
    def calls_back(self) -> bool:
        """Whether it reports by itself, provably; else the states of its messages are asked for."""
        return True

    @property
    def default_sender(self) -> str:
        """What phones show where the provider row names no sender; "" when nobody can tell."""
        return ""

    def prepare(self) -> None:  # noqa: B027
        """Do what the first call of a process would have to wait for, such as loading an SDK."""

    @abstractmethod
    def send(self, sms: OutgoingSms, *, deadline: Deadline) -> SendResult:
        """Send once. Never raises for what a provider or a network does: that is a result."""

    def lookup(self, provider_message_id: str, *, deadline: Deadline) -> Report | None:
        """Ask for the state of a message; None when the API has no such question or answer."""
        return None

    def find(self, sms_to: str, *, since: datetime, body: str, deadline: Deadline) -> Report | None:
        """Look for a message whose answer was lost, by number and text; None when not found."""
        return None

    def confirm(self, provider_message_id: str, *, deadline: Deadline) -> None:  # noqa: B027
        """Tell the provider that the code was typed, where its API takes that."""

    def checks(self) -> list[Callable[[], Check]]:
        """The checks this backend can make, in the order in which they are shown."""
        return [self.check_credentials, self.check_balance, self.check_sender]

    @abstractmethod
    def check_credentials(self) -> Check: ...

    def check_balance(self) -> Check:
        return Check(CheckKind.BALANCE, CheckResult.UNKNOWN, "")

    def check_sender(self) -> Check:
        return Check(CheckKind.SENDER, CheckResult.UNKNOWN, "")

    def authenticate_report(self, request: HttpRequest) -> None:
        """Raise ReportRefused unless the request is proved to come from this provider."""
        raise ReportRefused

    def parse_report(self, request: HttpRequest) -> list[Report]:
        """The reports in an authenticated request; ReportMalformed when it cannot be read."""
        raise ReportMalformed

    def close(self) -> None:  # noqa: B027
        """Release connections; called when the credentials change."""
