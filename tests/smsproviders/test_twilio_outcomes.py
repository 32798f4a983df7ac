"""Each row of Twilio's table, as an answer or in a report: who is called next, and how often; what
the client's page says, and what an operator reads.

The rows are those of test_twilio_errors; the calls go over real sockets, Vonage is the partner.
"""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from smsproviders import accounts, asking
from smsproviders.models import RoutePause, SmsMessage, SmsProvider
from smsproviders.vocabulary import Cause, Decision, MessageState
from tests.smsproviders.conftest import MakeProvider
from tests.smsproviders.messages import deliver_now, outcomes_of
from tests.smsproviders.test_twilio_errors import CODES
from tests.twilio_server import (
    TwilioServer,
    accept_then_drop,
    empty_answer,
    http_error,
    no_callbacks,
    ok,
    twilio_error,
    undelivered,
)
from tests.twofa import people
from tests.twofa.people import BINDING, NUMBER
from tests.vonage_server import VonageServer
from twofa import challenges
from twofa.models import Challenge
from twofa.results import Started
from twofa.vocabulary import Delivery, FactorKind, Purpose, Trouble

pytestmark = pytest.mark.django_db

# What stands in for a code where Twilio sends none.
OF_THE_WIRE = {
    "no-answer": accept_then_drop(),
    "unusable-answer": empty_answer(),
    "server-error": http_error(503),
}
NOT_CALLED = ("unreachable", "address-refused")
# 3xxxx is the carrier's, which only a report can tell.
ANSWERS = [row for row in CODES if row[0] not in NOT_CALLED and not row[0].startswith("3")]
REPORTS = [row for row in CODES if row[0].startswith("3")]
TOLD = {
    Cause.NUMBER_INVALID: Trouble.NUMBER,
    Cause.NUMBER_UNKNOWN: Trouble.NUMBER,
    Cause.LANDLINE: Trouble.NUMBER,
    Cause.HANDSET_UNREACHABLE: Trouble.UNREACHABLE,
    Cause.OPTED_OUT: Trouble.OPTED_OUT,
    Cause.CARRIER_BLOCKED: Trouble.NETWORK,
    Cause.CARRIER_CONGESTED: Trouble.NETWORK,
    Cause.CARRIER_DELAY: Trouble.NETWORK,
}
Row = tuple[str, Decision, Cause, str]


@pytest.fixture
def asked(twilio: TwilioServer) -> Challenge:
    """A client who waits for a code; what Twilio knows is asked for, it calls nobody."""
    twilio.behave(ok().calling(no_callbacks()))
    user = people.client()
    people.sms(user)
    started = challenges.start(
        user, factor=FactorKind.SMS, purpose=Purpose.SIGN_IN, binding=BINDING
    )
    assert isinstance(started, Started)
    return started.challenge


@pytest.fixture
def both(
    vonage: VonageServer, make_twilio_provider: MakeProvider, make_vonage_provider: MakeProvider
) -> None:
    make_twilio_provider(priority=1)
    make_vonage_provider(priority=2)


def carried_on(message: SmsMessage) -> SmsMessage:
    """Until nothing follows, as workers would in up to a minute."""
    for _ in range(4):
        message = deliver_now(message)
    return message


def assert_it_is_told(challenge: Challenge, message: SmsMessage, row: Row) -> None:
    """To the client on the page; to the operator at the attempt, and who must be told of it."""
    code, _decision, cause, _flags = row
    first = message.attempts.order_by("number")[0]
    assert (first.error_code, first.cause) == (code, cause)
    assert first.provider
    assert len(str(accounts.words_for(first.provider, code))) > 10
    shown = challenges.status(challenge)
    if message.state == MessageState.ACCEPTED:
        assert (shown.delivery, shown.trouble) == (Delivery.HANDED_OVER, None)
    elif message.state == MessageState.UNKNOWN:
        assert (shown.delivery, shown.trouble) == (Delivery.UNCONFIRMED, None)
    else:
        assert message.cause == cause
        assert (shown.delivery, shown.trouble) == (
            Delivery.NOT_DELIVERED,
            TOLD.get(cause, Trouble.OURS),
        )
    assert RoutePause.objects.exists() is (code == "30450")


@pytest.mark.parametrize("row", ANSWERS, ids=lambda row: row[0])
def test_each_code_in_an_answer_leads_to_its_class(
    row: Row, asked: Challenge, both: None, twilio: TwilioServer, vonage: VonageServer
) -> None:
    code, decision, *_ = row
    behaviour = OF_THE_WIRE.get(code) or twilio_error(int(code))
    twilio.behave_towards(NUMBER, behaviour.calling(no_callbacks()).accepting(False))
    message = carried_on(SmsMessage.objects.get())

    calls = 2 if decision is Decision.RETRY else 1
    assert twilio.sends_by_destination() == {NUMBER: calls}
    if decision is Decision.STOP:
        assert vonage.sends_by_destination() == {}
        assert (message.state, message.body) == (MessageState.FAILED, "")
    else:
        assert vonage.sends_by_destination() == {NUMBER: 1}
        assert message.state == MessageState.ACCEPTED
    assert_it_is_told(asked, message, row)


@pytest.mark.parametrize("row", REPORTS, ids=lambda row: row[0])
def test_each_code_in_a_report_leads_to_its_class(
    row: Row, asked: Challenge, both: None, twilio: TwilioServer, vonage: VonageServer
) -> None:
    code, decision, *_ = row
    message = reported(SmsMessage.objects.get(), twilio, code)
    message = carried_on(message)

    assert twilio.sends_by_destination() == {NUMBER: 1}
    if decision is Decision.STOP:
        assert vonage.sends_by_destination() == {}
        assert (message.state, message.body) == (MessageState.UNDELIVERED, "")
    else:
        assert vonage.sends_by_destination() == {NUMBER: 1}
        assert message.state == MessageState.ACCEPTED
    assert_it_is_told(asked, message, row)


def reported(message: SmsMessage, twilio: TwilioServer, code: str) -> SmsMessage:
    """Sent, taken, and undelivered for that reason."""
    twilio.behave(ok().ending(undelivered(int(code))).calling(no_callbacks()))
    message = deliver_now(message)
    twilio.wait_until_idle()
    asking.ask(message.attempts.latest("number"))
    message.refresh_from_db()
    return message


# One of each kind, since the others only differ in their words.
ONE_OF_EACH = {(row in REPORTS, *row[1:]): row for row in [*ANSWERS, *REPORTS]}.values()


@pytest.mark.parametrize("row", ONE_OF_EACH, ids=lambda row: row[0])
def test_where_there_is_no_other_provider_the_client_is_told_why(
    row: Row, asked: Challenge, twilio_provider: SmsProvider, twilio: TwilioServer
) -> None:
    code, decision, *_ = row
    if row in REPORTS:
        message = carried_on(reported(SmsMessage.objects.get(), twilio, code))
        calls, state = 1, MessageState.UNDELIVERED
    else:
        behaviour: Any = OF_THE_WIRE.get(code) or twilio_error(int(code))
        twilio.behave_towards(NUMBER, behaviour.calling(no_callbacks()).accepting(False))
        message = carried_on(SmsMessage.objects.get())
        again = {Decision.RETRY: 3, Decision.AMBIGUOUS: 2}
        calls = 3 if code == "20503" else again.get(decision, 1)
        unsure = decision is Decision.AMBIGUOUS
        state = MessageState.UNKNOWN if unsure else MessageState.FAILED
    assert twilio.sends_by_destination() == {NUMBER: calls}
    assert message.state == state
    assert_it_is_told(asked, message, row)


@pytest.mark.parametrize(
    ("address", "code"),
    [("http://127.0.0.1:1", "unreachable"), ("https://elsewhere.example", "address-refused")],
)
def test_what_never_left_goes_by_the_next(
    address: str,
    code: str,
    asked: Challenge,
    both: None,
    twilio: TwilioServer,
    vonage: VonageServer,
    settings: Settings,
) -> None:
    settings.TWILIO_API_URL = address
    message = carried_on(SmsMessage.objects.get())

    assert outcomes_of(message) == [("Twilio", "next"), ("Vonage", "done")]
    assert vonage.sends_by_destination() == {NUMBER: 1}
    (row,) = [row for row in CODES if row[0] == code]
    assert_it_is_told(asked, message, row)


def test_no_row_is_left_out() -> None:
    assert {*(row[0] for row in [*ANSWERS, *REPORTS]), *NOT_CALLED} == {row[0] for row in CODES}
