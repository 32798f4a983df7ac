"""Everything a diagnosis judges by, read once, in a fixed number of queries however long a history.

Nothing is asked of a provider here: what was seen at the last check counts, with its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from backoffice.common.identifiers import first_uuid7_at
from backoffice.common.masking import mask_email
from clients.models import Client, User, UserSession
from smsproviders import clock_watch, templating, text_kinds
from smsproviders.clock_watch import ClockState
from smsproviders.queue_health import QueueHealth, queue_health
from twofa import log_actions
from twofa.diagnosis.message_facts import MessageFacts, messages_of
from twofa.diagnosis.route_facts import RouteFacts, route_facts
from twofa.models import (
    Authenticator,
    Challenge,
    CodeAttempt,
    SendRequest,
    SmsConfirmation,
    VerificationState,
)
from twofa.numbers import country_of
from twofa.policy_keys import METHODS
from twofa.vocabulary import FactorKind, Purpose

# Older evidence is history, and so is what lies before the last right code.
WINDOW = timedelta(hours=24)
TRIES, CHALLENGES, REQUESTS, EVENTS, SESSIONS = 60, 20, 40, 60, 30


@dataclass(frozen=True, slots=True)
class PasswordBlock:
    """Too many wrong passwords from one address: no password is taken there for a while."""

    failures: int
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows are the newest first, and of the last 24 hours; see `since` for what still counts."""

    at: datetime
    user: User
    client: Client | None
    state: VerificationState
    authenticators: Sequence[Authenticator]  # at most one confirmed, one begun
    numbers: Sequence[SmsConfirmation]
    methods: frozenset[str]
    tries: Sequence[CodeAttempt]
    challenges: Sequence[Challenge]
    requests: Sequence[SendRequest]
    messages: Sequence[MessageFacts]
    events: Sequence[AuditEvent]
    sessions: Sequence[UserSession]
    route: RouteFacts
    queue: QueueHealth
    clock: ClockState | None  # ours against others', as last compared
    password_block: PasswordBlock | None
    other_account: str  # masked: another client with this phone, or ""
    template_problem: str  # why the client's text cannot be sent, or ""

    @property
    def since(self) -> datetime:
        """From when evidence counts: what is older was repaired, or is too long ago."""
        return max(self.state.last_success_at or self.at - WINDOW, self.at - WINDOW)

    @property
    def authenticator(self) -> Authenticator | None:
        return next((row for row in self.authenticators if row.confirmed), None)

    @property
    def sms(self) -> SmsConfirmation | None:
        return next((row for row in self.numbers if row.confirmed), None)

    @property
    def enabled(self) -> frozenset[FactorKind]:
        rows = (self.authenticator, self.sms)
        return frozenset(row.kind for row in rows if row is not None)

    @property
    def number(self) -> str:
        """The number that codes go to: of the factor in force, else of the one being enrolled."""
        row = self.sms or next(iter(self.numbers), None)
        return str(row.number) if row else ""

    @property
    def last_method(self) -> FactorKind | None:
        """The factor that the client last asked for or tried, else last used, else has alone."""
        events = [
            *((row.at, row.factor) for row in self.tries[:1]),
            *((row.created_at, row.factor) for row in self.challenges[:1]),
            *((row.at, FactorKind.SMS.value) for row in self.requests[:1]),
        ]
        if events:
            return FactorKind(max(events)[1])
        if self.state.last_factor:
            return FactorKind(self.state.last_factor)
        return next(iter(self.enabled)) if len(self.enabled) == 1 else None

    @property
    def uses_sms(self) -> bool:
        """Whether trouble of the SMS route is this client's: he asks for codes by it."""
        has_sms = FactorKind.SMS in self.enabled or bool(self.fresh_requests())
        return has_sms and self.last_method in {FactorKind.SMS, None}

    def knows(self, row: CodeAttempt, *, before: bool = False) -> bool:
        """Whether the try came from a browser or an address where the client was signed in.

        `before`: both must be known, as when a stranger is looked for.
        """
        address = any(one.address == row.address for one in self.sessions)
        browser = any(one.browser == row.browser for one in self.sessions)
        return (address and browser) if before else (address or browser)

    def fresh_tries(self, *factors: FactorKind) -> list[CodeAttempt]:
        """Since the last right code, the newest first."""
        wanted = [row for row in self.tries if row.at > self.since]
        return [row for row in wanted if not factors or row.factor in factors]

    def fresh_requests(self) -> list[SendRequest]:
        return [row for row in self.requests if row.at > self.since]

    @property
    def last_message(self) -> MessageFacts | None:
        """The newest message with a code, when nothing was signed in with since."""
        newest = next(iter(self.messages), None)
        return newest if newest and newest.message.created_at > self.since else None


def gather(user: User, *, at: datetime | None = None) -> Facts:
    """All facts about one user; 22 queries at most, the same for a short and a long history."""
    at = at or timezone.now()
    begin = at - WINDOW
    client = Client.objects.filter(user=user).first()
    numbers = list(SmsConfirmation.objects.filter(user=user).order_by("-confirmed"))
    challenges = list(
        Challenge.objects.filter(user=user, created_at__gt=begin).order_by("-id")[:CHALLENGES]
    )
    number = str(numbers[0].number) if numbers else ""
    messages = messages_of(challenges)
    return Facts(
        at=at,
        user=user,
        client=client,
        state=VerificationState.objects.filter(user=user).first() or VerificationState(user=user),
        authenticators=list(Authenticator.objects.filter(user=user).order_by("-confirmed")),
        numbers=numbers,
        methods=frozenset(METHODS()),
        tries=list(CodeAttempt.objects.filter(user=user, at__gt=begin).order_by("-id")[:TRIES]),
        challenges=challenges,
        requests=list(
            SendRequest.objects.filter(user=user, at__gt=begin).order_by("-id")[:REQUESTS]
        ),
        messages=messages,
        events=list(
            AuditEvent.objects.filter(
                subject=log_actions.subject(user), id__gte=first_uuid7_at(begin)
            ).order_by("-id")[:EVENTS]
        ),
        sessions=list(UserSession.objects.filter(user=user)[:SESSIONS]),
        route=route_facts(number, country=country_of(number), messages=messages),
        queue=queue_health(),
        clock=clock_watch.state(),
        password_block=_password_block(user, at=at),
        other_account=_other_account(client) if not challenges else "",
        template_problem=_template_problem(client),
    )


def _password_block(user: User, *, at: datetime) -> PasswordBlock | None:
    cool_off = timedelta(hours=settings.AXES_COOLOFF_TIME)
    row = (
        AccessAttempt.objects.filter(
            username=user.email,
            failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
            attempt_time__gt=at - cool_off,
        )
        .order_by("-attempt_time")
        .first()
    )
    if row is None:
        return None
    since = row.attempt_time
    return PasswordBlock(row.failures_since_start, since, since + cool_off)


def _template_problem(client: Client | None) -> str:
    language = client.language if client else settings.LANGUAGE_CODE
    kind = text_kinds.get(Purpose.SIGN_IN)
    tried = templating.choose(kind, language, templating.own_texts()).tried
    found = next((one.problems[0] for one in tried if one.problems), None)
    return str(found.words) if found else ""


def _other_account(client: Client | None) -> str:
    """Who else has this phone: a code may have been asked for there."""
    if client is None or not client.phone:
        return ""
    others = Client.objects.filter(phone=client.phone).exclude(pk=client.pk)
    email = others.values_list("user__email", flat=True).first()
    return mask_email(email) if email else ""
