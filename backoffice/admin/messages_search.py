"""From filters to messages, whatever the size of the table.

What an index finds at once leads: a client, a reference, a number, a cause, trouble, what is under
way, a provider, tests. The other filters sift what that yields, within the bounds of `keyset`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.admin import keyset, messages_form
from backoffice.admin.keyset import Find, Page, Place, Span
from smsproviders.models import SmsAttempt, SmsMessage
from smsproviders.models.message import UNSETTLED
from smsproviders.trial_sends import PURPOSE as TEST
from smsproviders.vocabulary import MessageState

# A code is sent within its life, which is shorter.
LONGEST_LIFE = timedelta(minutes=15)
# The clocks of our machines.
CLOCKS_APART = timedelta(minutes=1)
COUNTED = 1_000

IN_TROUBLE = ~Q(cause="")
UNDER_WAY = frozenset({MessageState.QUEUED, MessageState.SENDING})
ALWAYS_WITH_CAUSE = frozenset({MessageState.FAILED, MessageState.UNDELIVERED, MessageState.EXPIRED})
OF_TIME = frozenset({"within", "since", "until"})

Messages = QuerySet[SmsMessage]


@dataclass(frozen=True, slots=True)
class Search:
    """`find`: the messages that match, within a span of keys.

    `walk`: the rows that must be gone through to find them; None: an index finds them at once.
    """

    find: Find[SmsMessage]
    walk: QuerySet[Any] | None = None

    def page(self, place: Place, *, size: int = keyset.PAGE) -> Page[SmsMessage]:
        return keyset.page(self.find, place, size=size, walk=self.walk)

    def count(self, newest: Page[SmsMessage]) -> tuple[int, bool]:
        """How many there are, and whether there may be more; counts up to COUNTED."""
        if newest.older is None:
            return len(newest.rows), False
        found = self.find(Span(above=newest.edge)).order_by()[: COUNTED + 1].count()
        return min(found, COUNTED), found > COUNTED or newest.edge is not None


@dataclass(frozen=True, slots=True)
class _Lead:
    """What leads to the messages: an index, and the filters that it settles.

    `walk` is None where there are but few; `is_walked`: it is needed though nothing else sifts.
    """

    find: Find[SmsMessage]
    used: frozenset[str]
    walk: QuerySet[Any] | None = None
    is_walked: bool = False


def search(given: Mapping[str, Any], *, among: Find[SmsMessage] | None = None) -> Search:
    """`given`: the filters that say something. `among`: those of one client, found by indexes."""
    lead = _Lead(among, frozenset()) if among else _lead(given)
    settled = lead.used | OF_TIME
    rest = [_condition(name, value) for name, value in given.items() if name not in settled]
    period = _period(given)

    def find(span: Span) -> Messages:
        return lead.find(span.within(period)).filter(*rest).defer("body")

    is_walked = lead.walk is not None and (rest or lead.is_walked)
    return Search(find, period.cut(lead.walk) if is_walked and lead.walk is not None else None)


def _lead(given: Mapping[str, Any]) -> _Lead:
    state = given.get("state")
    if "reference" in given:
        return _few(given["reference"], "reference")
    if "number" in given:
        return _few(Q(number__in=given["number"]), "number")
    if "cause" in given:
        return _many(IN_TROUBLE & Q(cause=given["cause"]), "cause")
    if state == messages_form.TROUBLE:
        return _many(IN_TROUBLE, "state")
    if state in ALWAYS_WITH_CAUSE:
        return _many(IN_TROUBLE)
    if state in UNDER_WAY:
        return _few(UNSETTLED & Q(state=state), "state")
    if "provider" in given:
        return _by_provider(given["provider"])
    if given.get("purpose") == TEST:
        return _few(Q(only_provider__isnull=False))
    return _many(Q())


def _few(condition: Q, *used: str) -> _Lead:
    return _Lead(lambda span: span.cut(_where(condition)), frozenset(used))


def _many(condition: Q, *used: str) -> _Lead:
    rows = _where(condition)
    return _Lead(lambda span: span.cut(rows), frozenset(used), walk=rows)


def _where(condition: Q) -> Messages:
    return SmsMessage.objects.filter(condition)


def _by_provider(provider: UUID) -> _Lead:
    """By its calls, the newest first: an index of messages by provider would cost every send."""
    calls = SmsAttempt.objects.filter(provider_id=provider)

    def find(span: Span) -> Messages:
        # The calls of a message come after it.
        around = span.wider(before=CLOCKS_APART, after=LONGEST_LIFE)
        return span.cut(SmsMessage.objects.filter(pk__in=around.cut(calls).values("message")))

    return _Lead(find, frozenset({"provider"}), walk=calls, is_walked=True)


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
