"""From filters to messages, whatever the size of the table.

What an index finds at once leads: a client, a reference, a number, a cause, trouble, what is under
way, a provider, tests. The other filters sift what that yields, some of it at a time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.admin import keyset, messages_form, messages_walks
from backoffice.admin.keyset import Find, Page, Place, Span, Walk
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.models.message import UNSETTLED
from smsproviders.trial_sends import PURPOSE as TEST
from smsproviders.vocabulary import MessageState

COUNTED = 1_000

IN_TROUBLE = ~Q(cause="")
UNDER_WAY = frozenset({MessageState.QUEUED, MessageState.SENDING})
ALWAYS_WITH_CAUSE = frozenset({MessageState.FAILED, MessageState.UNDELIVERED, MessageState.EXPIRED})
OF_TIME = frozenset({"within", "since", "until"})

Messages = QuerySet[SmsMessage]


@dataclass(frozen=True, slots=True)
class Search:
    """`find`: the messages that match, within a span of keys.

    `walk`: what must be gone through to find them; None: an index finds them at once.
    """

    find: Find[SmsMessage]
    walk: Walk | None = None

    def page(self, place: Place, *, size: int = keyset.PAGE) -> Page[SmsMessage]:
        if self.walk is None:
            return keyset.page(self.find, place, size=size)
        return keyset.page_by_walk(self.find, self.walk, place, size=size)

    def count(self, newest: Page[SmsMessage]) -> tuple[int, bool]:
        """How many there are, and whether there may be more; counts up to COUNTED."""
        if newest.older is None or self.walk is not None:
            return len(newest.rows), newest.older is not None
        found = self.find(Span()).order_by()[: COUNTED + 1].count()
        return min(found, COUNTED), found > COUNTED


@dataclass(frozen=True, slots=True)
class _Lead:
    """What leads to the messages: an index, and the filters that it settles.

    `walk`: for when others sift what it yields; None: that is but little. `always`: it is needed
    though nothing sifts.
    """

    rows: Messages
    used: frozenset[str]
    walk: Walk | None = None
    always: Walk | None = None


def search(given: Mapping[str, Any], *, among: Find[SmsMessage] | None = None) -> Search:
    """`given`: the filters that say something. `among`: those of one client, found by indexes."""
    period = _period(given)
    lead = _Lead(SmsMessage.objects.all(), frozenset()) if among else _lead(given, period)
    settled = lead.used | OF_TIME
    rest = [_condition(name, value) for name, value in given.items() if name not in settled]

    def find(span: Span) -> Messages:
        wanted = span.within(period)
        rows = among(wanted) if among else wanted.cut(lead.rows)
        return rows.filter(*rest).defer("body")

    return Search(find, lead.walk if rest else lead.always)


def _lead(given: Mapping[str, Any], period: Span) -> _Lead:
    state = given.get("state")
    if "reference" in given:
        return _few(given["reference"], "reference")
    if "number" in given:
        return _few(Q(number__in=given["number"]), "number")
    if "cause" in given:
        return _many(IN_TROUBLE & Q(cause=given["cause"]), period, "cause")
    if state == messages_form.TROUBLE:
        return _many(IN_TROUBLE, period, "state")
    if state in ALWAYS_WITH_CAUSE:
        return _many(IN_TROUBLE, period)
    if state in UNDER_WAY:
        return _few(UNSETTLED & Q(state=state), "state")
    if "provider" in given:
        return _by_provider(given["provider"], period)
    if given.get("purpose") == TEST:
        return _few(Q(only_provider__isnull=False))
    return _Lead(SmsMessage.objects.all(), frozenset(), messages_walks.through_all(period))


def _few(condition: Q, *used: str) -> _Lead:
    return _Lead(SmsMessage.objects.filter(condition), frozenset(used))


def _many(condition: Q, period: Span, *used: str) -> _Lead:
    rows = SmsMessage.objects.filter(condition)
    return _Lead(rows, frozenset(used), messages_walks.through(rows, period))


def _by_provider(provider: UUID, period: Span) -> _Lead:
    """By its calls: an index of messages by provider would cost every send."""
    calls = SmsAttempt.objects.filter(provider_id=provider)

    def walk(number: int) -> Walk:
        return messages_walks.through_calls(calls, period, number=number)

    return _Lead(
        SmsMessage.objects.all(),
        frozenset({"provider"}),
        walk(messages_walks.APART),
        always=walk(messages_walks.FOR_A_PAGE),
    )


def _condition(name: str, value: Any) -> Q:
    match name:
        case "state":
            return _state(value)
        case "number":
            return Q(number__in=value)
        case "reference":
            return Q(value)
        case "provider":
            return Q(Exists(SmsAttempt.objects.filter(message=OuterRef("pk"), provider_id=value)))
        case _:
            return Q(**{name: value})


def _state(value: str) -> Q:
    match value:
        case messages_form.TROUBLE:
            return IN_TROUBLE
        case messages_form.WITHDRAWN:
            return Q(state=MessageState.EXPIRED, cause="")
        case messages_form.TYPED:
            return Q(converted_at__isnull=False)
        case MessageState.EXPIRED:
            return Q(state=MessageState.EXPIRED) & IN_TROUBLE
        case _:
            return Q(state=value)


def _period(given: Mapping[str, Any]) -> Span:
    period = Span(given.get("since"), given.get("until"))
    if "within" not in given:
        return period
    _words, length = messages_form.PERIODS[given["within"]]
    return period.within(Span(above=keyset.from_on(timezone.now() - length)))
