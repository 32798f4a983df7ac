"""A strict Twilio of our own, over real sockets, for tests and for trying the product by hand.

It answers as api.twilio.com does for one account, refuses what Twilio would refuse (and the sloppy
things that Twilio forgives), delivers the messages it accepts, and calls back with signed reports.
It can be slow, silent, broken or contradictory, always, for the next requests, or for one number.

    from tests.twilio_server import TwilioServer, accept_then_drop, held, ok, undelivered

    @pytest.fixture(scope="session")
    def twilio_process():
        with TwilioServer() as server:
            yield server

    @pytest.fixture
    def twilio(twilio_process, monkeypatch):
        monkeypatch.setenv("TWILIO_API_URL", twilio_process.url)
        yield twilio_process
        twilio_process.assert_no_violations()
        twilio_process.reset()

    def test_it_sends_once_although_the_answer_was_lost(twilio):
        twilio.behave_next(accept_then_drop())
        send_a_code("+447700900123")
        [message] = twilio.wait_for_messages(1)
        assert twilio.messages_by_destination() == {"+447700900123": 1}

    def test_it_refuses_a_forged_report(twilio, live_server):
        twilio.behave(ok().ending(undelivered(30006)).calling(held()))
        send_a_code("+447700900123")
        *_, last = twilio.wait_for_held(3)
        assert twilio.post(last.signed_with("another token")).response_status == 403
        assert twilio.post(last.tampered(MessageStatus="delivered")).response_status == 403
        assert twilio.post(last).response_status == 200

**A behaviour** is an answer, refined by `.ending(outcome)` and `.calling(manner)`:
answers `ok slow hang drip refuse_before_answer accept_then_drop accept_then_hang twilio_error
http_error empty_answer`; outcomes `delivered undelivered failed sent_only stuck`; manners `prompt
late twice reordered no_callbacks held`. `.accepting()` makes any failed answer an ambiguous one,
`.paced(seconds)` spreads the statuses over time. Set it with `server.behave(…, on=Endpoint.…)`,
`server.behave_next(…)` and `server.behave_towards(number, …)`; the queue is asked first, then the
number, then the endpoint. A fault wins over every check, as an outage would.

**Look** at `server.requests`, `.messages`, `.callbacks`, `.held`, `.violations`; wait with
`wait_for_…` and `wait_until_idle()`, never with a sleep. **Change the account** by
`server.change_account(balance="0.02", status=AccountStatus.SUSPENDED)`.

**Violations** are requests that only faulty code can make. With TWILIO_OPENAPI naming Twilio's own
OpenAPI description, every request and every successful answer is held against that too.

As a process of its own: `python -m tests.twilio_server --port 8081 --mode slow:2,undelivered:30006`
(see `--help`), steered by `POST /_control` (see `control.py`).
"""

from .account import Account, AccountStatus, AccountType
from .behaviours import (
    Behaviour,
    Callbacks,
    Outcome,
    accept_then_drop,
    accept_then_hang,
    delivered,
    drip,
    empty_answer,
    failed,
    hang,
    held,
    http_error,
    late,
    no_callbacks,
    ok,
    prompt,
    refuse_before_answer,
    reordered,
    sent_only,
    slow,
    stuck,
    twice,
    twilio_error,
    undelivered,
)
from .callbacks import Callback, Delivery
from .exchange import Request
from .messages import Message, Status
from .openapi import DescriptionNotFound
from .routes import Endpoint
from .server import TwilioServer
from .state import Violation

__all__ = [
    "Account",
    "AccountStatus",
    "AccountType",
    "Behaviour",
    "Callback",
    "Callbacks",
    "Delivery",
    "DescriptionNotFound",
    "Endpoint",
    "Message",
    "Outcome",
    "Request",
    "Status",
    "TwilioServer",
    "Violation",
    "accept_then_drop",
    "accept_then_hang",
    "delivered",
    "drip",
    "empty_answer",
    "failed",
    "hang",
    "held",
    "http_error",
    "late",
    "no_callbacks",
    "ok",
    "prompt",
    "refuse_before_answer",
    "reordered",
    "sent_only",
    "slow",
    "stuck",
    "twice",
    "twilio_error",
    "undelivered",
]
