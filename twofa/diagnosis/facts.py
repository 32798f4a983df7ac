"""Everything a diagnosis judges by, read once, in a fixed number of queries however long a history.

Nothing is asked of a provider here: what was seen at the last check counts, with its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from backoffice.common.identifiers import first_uuid7_at
from backoffice.common.read_together import Newest, read_together
from clients.models import Client, User, UserSession
from smsproviders import machinery, templating, text_kinds
from smsproviders.clock_watch import ClockState
from smsproviders.queue_health import UNSEEN, QueueHealth
from twofa import log_actions
from twofa.diagnosis import as_it_was
from twofa.diagnosis import person as person_module
from twofa.diagnosis.known_places import is_known
from twofa.diagnosis.message_facts import MessageFacts, messages_of
from twofa.diagnosis.person import OtherAccount, PasswordBlock, Person
from twofa.diagnosis.route_facts import RouteFacts, route_facts
from twofa.factor_rows import FactorRows, rows_of
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
from twofa.vocabulary import MAIN_FACTORS, FactorKind, Purpose, SendOutcome

# Older evidence is history, and so is what lies before the last right code.
WINDOW = timedelta(hours=24)
# What another host wrote down just now may seem to be of the future.
CLOCKS_DIFFER = timedelta(minutes=1)
# No code has to be in memory for a diagnosis.
SECRETS = frozenset({"code", "code_digest", "binding"})
TRIES, CHALLENGES, REQUESTS, EVENTS, SESSIONS = 60, 20, 40, 60, 30


@dataclass(frozen=True, slots=True)
class Facts:
    """Rows are the newest first, and of the last 24 hours; see `since` for what still counts."""

    at: datetime
    is_past: bool  # what holds of providers, queue and settings now was not known then
    user: User
    client: Client | None
    state: VerificationState
    devices: FactorRows  # as they are now
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
    blocked_since: datetime | None  # by an operator
    other_account: OtherAccount | None
    template_problem: str  # why the client's text cannot be sent, or ""

    @property
    def since(self) -> datetime:
        """From when evidence counts: what is older was repaired, or is too long ago."""
        return _fresh_from(self.state, self.at)

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
        """The number that codes go to, or "": see `number_of`."""
        return number_of(self.numbers, self.fresh_requests())

    @property
    def is_new_number(self) -> bool:
        """Whether codes go to a number that is being enrolled."""
        wanted = self.number
        return not any(row.confirmed and str(row.number) == wanted for row in self.numbers)

    @property
    def last_method(self) -> FactorKind | None:
        """The factor that the client last asked for or tried, else last used, else has alone.

        A spare code tells nothing of what failed before.
        """
        tries = [row for row in self.tries if row.factor in MAIN_FACTORS]
        events = [
            *((row.at, row.factor) for row in tries[:1]),
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
        """Whether trouble of the SMS route is this client's.

        He asked for a code by it since the last right one, though he may have turned to another way
        then; or it is the way he takes.
        """
        by_sms = self.last_method in {FactorKind.SMS, None}
        return bool(self.fresh_requests()) or (by_sms and FactorKind.SMS in self.enabled)

    def knows(self, row: CodeAttempt) -> bool:
        """Whether the try came from a browser or an address where the client was signed in."""
        return is_known(row, self.sessions)

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


def _fresh_from(state: VerificationState, at: datetime) -> datetime:
    return max(state.last_success_at or at - WINDOW, at - WINDOW)


def number_of(numbers: Sequence[SmsConfirmation], asked: Sequence[SendRequest]) -> str:
    """Where the last code was asked for; else of the factor in force, or the one being enrolled."""
    wanted = [str(row.number) for row in numbers]
    last = next((row.number for row in asked if row.number in wanted), None)
    return last or next(iter(wanted), "")


def gather(who: User | Person, *, at: datetime | None = None) -> Facts:
    """All facts about one user; at most 12 queries, the same for a short and a long history.

    `at`: as it was at that moment, as far as a history was kept; see `as_it_was`.
    """
    person = who if isinstance(who, Person) else person_module.of_user(who, at=at)
    return _now(person) if at is None else _then(person, at)


def _now(person: Person) -> Facts:
    at = timezone.now()
    history = _history(person.user, at - WINDOW, at + CLOCKS_DIFFER)
    queue, clock = machinery.state()
    return _facts(person, history, at, state=person.state, queue=queue, clock=clock)


def _then(person: Person, at: datetime) -> Facts:
    history = _history(person.user, at - WINDOW, at)
    history.challenges[:] = [as_it_was.challenge_at(one, at) for one in history.challenges]
    history.messages[:] = [as_it_was.message_at(one, at) for one in history.messages]
    state = as_it_was.state_at(
        person.state, user=person.user, tries=history.tries, events=history.events, at=at
    )
    return _facts(person, history, at, state=state, is_past=True)


@dataclass(frozen=True, slots=True)
class _History:
    """What was written down within a span of time, the newest first."""

    tries: list[CodeAttempt]
    challenges: list[Challenge]
    requests: list[SendRequest]
    messages: list[MessageFacts]
    events: list[AuditEvent]
    sessions: list[UserSession]

    @property
    def was_closed(self) -> bool:
        """The country, to the last request."""
        return any(row.outcome == SendOutcome.COUNTRY_CLOSED for row in self.requests[:1])


def _history(user: User, begin: datetime, end: datetime) -> _History:
    span, own = (begin, end), {"user": user}
    tries = Newest(CodeAttempt.objects.filter(**own, at__range=span), TRIES)
    requests = Newest(SendRequest.objects.filter(**own, at__range=span), REQUESTS)
    challenges = Newest(
        Challenge.objects.filter(**own, created_at__range=span), CHALLENGES, without=SECRETS
    )
    sessions = Newest(
        UserSession.objects.filter(**own, started_at__lte=end), SESSIONS, by="last_seen_at"
    )
    read_together(tries, requests, challenges, sessions)
    return _History(
        tries=tries.found,
        challenges=challenges.found,
        requests=requests.found,
        messages=messages_of(challenges.found),
        events=_events(user, *span),
        sessions=sessions.found,
    )


def _events(user: User, begin: datetime, end: datetime) -> list[AuditEvent]:
    """From an id on, which the index of a subject is ordered by."""
    rows = AuditEvent.objects.filter(
        subject=log_actions.subject(user), id__gte=first_uuid7_at(begin), at__lte=end
    )
    return list(rows.order_by("-id")[:EVENTS])


def _facts(
    person: Person,
    history: _History,
    at: datetime,
    *,
    state: VerificationState,
    queue: QueueHealth = UNSEEN,
    clock: ClockState | None = None,
    is_past: bool = False,
) -> Facts:
    devices = rows_of(person.user)
    numbers = [row for row in devices.numbers if row.created_at <= at]
    begin = _fresh_from(state, at)
    number = number_of(numbers, [row for row in history.requests if row.at > begin])
    return Facts(
        at=at,
        is_past=is_past,
        user=person.user,
        client=person.client,
        state=state,
        devices=devices,
        authenticators=[row for row in devices.authenticators if row.created_at <= at],
        numbers=numbers,
        methods=frozenset(METHODS()),
        tries=history.tries,
        challenges=history.challenges,
        requests=history.requests,
        messages=history.messages,
        events=history.events,
        sessions=history.sessions,
        route=route_facts(
            number,
            country=country_of(number),
            messages=history.messages,
            at=at,
            is_past=is_past,
            was_closed=history.was_closed,
            is_known=any(str(row.number) == number and row.last_used_at for row in numbers),
        ),
        queue=queue,
        clock=clock,
        password_block=person.password_block,
        blocked_since=person.blocked_since,
        other_account=None if history.challenges else person.other_account,
        template_problem=_template_problem(person.client),
    )


def _template_problem(client: Client | None) -> str:
    language = client.language if client else settings.LANGUAGE_CODE
    kind = text_kinds.get(Purpose.SIGN_IN)
    tried = templating.choose(kind, language, templating.own_texts()).tried
    found = next((one.problems[0] for one in tried if one.problems), None)
    return str(found.words) if found else ""
