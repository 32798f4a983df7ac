"""What is asked every second, or by an operator, is answered by an index, however large the tables.

Thousands of messages are loaded, as PostgreSQL knows; then some that live are added, of which it
does not: so it plans as it does on a busy day, when its statistics are of the calm before.
"""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from random import getrandbits
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.admin.dashboard import codes, machinery
from backoffice.common.identifiers import first_uuid7_at, uuid7
from backoffice.development.load.loading import load
from clients.models import User
from smsproviders import (
    asking,
    claiming,
    incident_detection,
    outbox,
    pause_review,
    purging,
    queue_health,
    reports,
    route_figures,
    settling,
    spend_counting,
    sweeping,
    tallying,
)
from smsproviders.contract import Report
from smsproviders.incident_usual import Usual
from smsproviders.models import IncidentKind, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.sending import moving
from smsproviders.vocabulary import Decision, MessageState
from tests.twofa.people import (
    BINDING,
    app_code,
    asking_from,
    sent_code,
    try_code,
    wrong_sms_code,
)
from twofa import challenge_life, challenges, code_tallying
from twofa import purging as twofa_purging
from twofa.models import (
    Authenticator,
    Challenge,
    CodeAttempt,
    SendRequest,
    SmsConfirmation,
    VerificationState,
)
from twofa.results import Started
from twofa.vocabulary import FactorKind, Purpose

pytestmark = pytest.mark.django_db

LIVING = 40
# Everything else is small, and read as it is.
LARGE = frozenset(
    model._meta.db_table
    for model in (SmsMessage, SmsAttempt, Challenge, CodeAttempt, SendRequest, User)
) | {"smsproviders_deliveryreport"}


@pytest.fixture(scope="module")
def _loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock():
        with transaction.atomic():
            for _ in load(1500, 6000, seed=5):
                pass
            _add_living()
            yield
            transaction.set_rollback(True)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _add_living() -> None:
    now = timezone.now()
    SmsMessage.objects.bulk_create(
        SmsMessage(
            number=f"+336{getrandbits(30) % 10**8:08d}",
            country="FR",
            body="482913 is your code",
            purpose=Purpose.SIGN_IN,
            reference=str(uuid7()),
            state=MessageState.ACCEPTED,
            expires_at=now + timedelta(seconds=60 * (index % 6 - 1)),
            next_attempt_at=now,
        )
        for index in range(LIVING)
    )
    SmsAttempt.objects.bulk_create(
        SmsAttempt(
            message=message,
            provider=_provider(),
            provider_caption="Load A",
            country="FR",
            number=1,
            decision=Decision.DONE,
            ask_at=now,
        )
        for message in SmsMessage.objects.filter(finished_at=None)
    )


@cache
def _provider() -> SmsProvider:
    return SmsProvider.objects.get(name="load-a")


def _living() -> SmsMessage:
    alive = SmsMessage.objects.filter(finished_at=None, expires_at__gt=timezone.now())
    return alive.order_by("pk")[0]


def _over() -> SmsMessage:
    return SmsMessage.objects.filter(finished_at__isnull=False).order_by("-pk")[0]


def _attempt() -> SmsAttempt:
    return SmsAttempt.objects.exclude(provider_message_id="").order_by("-pk")[0]


def _state() -> VerificationState:
    return VerificationState.objects.filter(user__challenges__isnull=False).order_by("pk")[0]


def _device() -> SmsConfirmation:
    locked = VerificationState.objects.exclude(failures=0)
    french = SmsConfirmation.objects.filter(number__startswith="+3361")
    found: SmsConfirmation = french.exclude(user__in=locked.values("pk")).order_by("pk")[0]
    return found


def _wrong_sms_code() -> "Watched":
    user = _device().user
    wrong = wrong_sms_code(sent_code(user))
    return lambda: try_code(user, wrong, FactorKind.SMS)


def _soon() -> float:
    return time.monotonic() + 10


# What is done, and the indexes that must serve it; {}: any. A lambda makes what it needs before it
# is watched, and returns what is watched.
Watched = Callable[[], object]
BUSY: dict[str, tuple[Callable[[], Watched], set[str]]] = {
    "sweeping": (lambda: sweeping.requeue, {"message_unsettled"}),
    "settling": (
        lambda: settling.close_expired,
        {"message_unsettled", "smsproviders_smsmessage_pkey", "attempt_numbered_once"},
    ),
    "asking": (lambda: asking.hand_out, {"attempt_to_ask_for"}),
    "claiming": (
        lambda: _with(_living(), lambda message: claiming.claim(message.pk)),
        {"smsproviders_smsmessage_pkey"},
    ),
    "reading attempts": (
        lambda: _with(_over(), moving.attempts_of),
        {"attempt_numbered_once"},
    ),
    "finding the newest message of a challenge": (
        lambda: _with(_over(), lambda message: outbox.latest(message.reference)),
        {"message_by_reference"},
    ),
    "withdrawing": (
        lambda: _with(_living(), lambda message: outbox.withdraw(message.reference)),
        {"message_by_reference"},
    ),
    "noting a typed code": (
        lambda: _with(_over(), lambda message: outbox.mark_converted(message.reference)),
        {"message_by_reference"},
    ),
    "taking a report": (
        lambda: _with(_attempt(), _take_report),
        {"attempt_by_provider_id", "attempt_numbered_once"},
    ),
    "seeing how the queue fares": (lambda: queue_health.queue_health, {"message_unsettled"}),
    "asking for a code": (
        lambda: _with(_device().user, _ask_for_a_code),
        {"send_by_number", "send_by_prefix", "send_by_address"},
    ),
    "judging a code of a clock that is wrong": (
        lambda: _with(Authenticator.objects.order_by("pk")[0], _type_a_late_code),
        set(),
    ),
    "finding a challenge": (
        lambda: _with(_state(), _find_challenge),
        {"challenge_by_user"},
    ),
    "telling an older code from a wrong one": (_wrong_sms_code, set()),
    "reading burnt steps": (
        lambda: _with(
            Authenticator.objects.order_by("pk")[0], lambda it: try_code(it.user, app_code(it))
        ),
        {"try_burnt_steps"},
    ),
    "blanking dead codes": (
        lambda: challenge_life.blank_dead_codes,
        {"challenge_with_code"},
    ),
    "tallying what providers do": (lambda: tallying.count_due, set()),
    "tallying codes": (lambda: code_tallying.count_due, set()),
    "showing the numbers of the first page": (
        lambda: lambda: (codes.picture(), machinery.lines()),
        {"message_unsettled"},
    ),
    "counting what was spent": (lambda: spend_counting.count, set()),
    "looking for routes to pause": (lambda: pause_review.review, set()),
    "looking for incidents": (
        lambda: incident_detection.detect,
        {"smsproviders_smsmessage_pkey", "attempt_numbered_once"},
    ),
    "asking what is usual on a route": (
        lambda: (
            lambda: Usual(timezone.now(), []).share(IncidentKind.FAILURES, _provider().pk, "FR")
        ),
        set(),
    ),
    "counting the typed codes of each country": (
        lambda: lambda: route_figures.by_country(since=timezone.now() - timedelta(days=1)),
        set(),
    ),
    "counting the typed codes of a country": (
        lambda: lambda: route_figures.of_country("FR", since=timezone.now() - timedelta(days=1)),
        set(),
    ),
    "making a reference": (lambda: challenge_life.new_reference, set()),
    "purging messages": (
        lambda: lambda: purging.messages(_soon()),
        {"smsproviders_smsmessage_pkey"},
    ),
    "blanking answers": (
        lambda: lambda: purging.answers(_soon()),
        {"smsproviders_smsattempt_pkey"},
    ),
    "purging tries": (lambda: lambda: twofa_purging.purge(), {"twofa_challenge_pkey"}),
    "listing the newest messages": (
        lambda: lambda: list(SmsMessage.objects.order_by("-id")[:100]),
        {"smsproviders_smsmessage_pkey"},
    ),
    "listing the messages to a number": (
        lambda: _with(
            _over(), lambda it: list(SmsMessage.objects.filter(number=it.number).order_by("-id"))
        ),
        {"message_by_number"},
    ),
    "listing messages in trouble": (
        lambda: lambda: list(SmsMessage.objects.exclude(cause="").order_by("-id")[:50]),
        {"message_in_trouble"},
    ),
    "listing what a provider did": (
        lambda: (
            lambda: list(
                SmsAttempt.objects.filter(
                    provider=SmsProvider.objects.get(name="load-c"),
                    id__gte=first_uuid7_at(timezone.now() - timedelta(days=60)),
                ).order_by("-id")[:50]
            )
        ),
        set(),
    ),
}


def _with(made: Any, act: Callable[[Any], object]) -> Watched:
    return lambda: act(made)


def _take_report(attempt: SmsAttempt) -> None:
    told = Report(attempt.provider_message_id, None, "buffered")
    assert attempt.provider is not None
    reports.receive(attempt.provider, [told], asked_for=False)


def _ask_for_a_code(user: User) -> None:
    with asking_from("10.0.0.1"):
        started = challenges.start(
            user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding=BINDING
        )
    assert isinstance(started, Started)


def _type_a_late_code(device: Authenticator) -> None:
    assert try_code(device.user, app_code(device, steps=-5)) == "incorrect"


def _find_challenge(state: VerificationState) -> object:
    asked = challenge_life.asked(
        state.user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding="load"
    )
    return asked.first()


@pytest.mark.parametrize("what", BUSY)
@pytest.mark.usefixtures("_loaded")
def test_it_reads_by_an_index_and_no_more_than_it_needs(what: str) -> None:
    prepare, expected = BUSY[what]
    watched = prepare()
    with CaptureQueriesContext(connection) as captured:
        watched()
    plans = [_plan(query["sql"]) for query in captured if _is_planned(query["sql"])]
    nodes = [node for plan in plans for node in _nodes(plan)]
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert expected <= used
    read_from_end_to_end = {node["Relation Name"] for node in nodes if _is_endless(node)}
    assert not LARGE & read_from_end_to_end


def _is_endless(node: dict[str, Any]) -> bool:
    """Reads all there is, or goes through an index until enough was found: perhaps never."""
    by_index = node["Node Type"].startswith("Index")
    return node["Node Type"] == "Seq Scan" or (
        by_index and "Index Cond" not in node and "Filter" in node
    )


def _is_planned(sql: str) -> bool:
    return sql.startswith(("SELECT", "UPDATE", "DELETE")) and "advisory" not in sql


def _plan(sql: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", []):
        yield from _nodes(part)
