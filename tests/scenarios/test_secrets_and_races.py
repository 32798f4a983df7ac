"""While a code is on its way: what lies in the database and the broker, and who wins a race."""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis
from django.db import connection

from clients.models import User
from smsproviders.models import SmsMessage
from tests.scenarios.conftest import CLIENT, NUMBER, PASSWORD, Product, enable_sms
from tests.services.web import Visitor
from tests.twilio_server import slow
from twofa.models import Challenge

pytestmark = pytest.mark.slow
PARALLEL = 20


def everything_in_the_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" AS t')  # noqa: S608 - our own tables
            rows += [text for (text,) in cursor.fetchall()]
    return "\n".join(rows)


def everything_in_the_broker(broker: "redis.Redis") -> str:
    parts = []
    for key in broker.scan_iter():
        kind = broker.type(key)
        read: dict[Any, Any] = {b"list": lambda k: broker.lrange(k, 0, -1), b"hash": broker.hgetall}
        read |= {b"zset": lambda k: broker.zrange(k, 0, -1), b"set": broker.smembers}
        parts.append(f"{key!r} {read.get(kind, broker.get)(key)!r}")
    text = "\n".join(parts)
    decoded = [
        base64.b64decode(word, validate=False).decode(errors="replace")
        for word in text.replace('"', " ").split()
        if len(word) > 40
    ]
    return text + "\n".join(decoded)


def half_signed_in(product: Product) -> Visitor:
    visitor = product.visitor()
    visitor.sign_in(CLIENT, PASSWORD)
    assert visitor.path == "/sign-in/verify/"
    return visitor


@pytest.fixture
def enrolled(product: Product, client_account: User) -> Product:
    visitor = product.visitor()
    visitor.sign_in(CLIENT, PASSWORD)
    enable_sms(product, visitor)
    product.twilio.wait_until_idle()
    return product


def together(calls: list[Callable[[], object]]) -> None:
    with ThreadPoolExecutor(len(calls)) as pool:
        for future in [pool.submit(call) for call in calls]:
            future.result(60)


def test_s68_s72_during_a_send_no_dump_holds_a_code_a_seed_or_a_credential(
    enrolled: Product, broker: "redis.Redis"
) -> None:
    authenticator = enrolled.visitor()
    authenticator.sign_in(CLIENT, PASSWORD)
    enrolled.twilio.behave(slow(4))
    half_signed_in(enrolled)
    enrolled.twilio.wait_for_requests(2)
    challenge = Challenge.objects.filter(consumed_at=None).latest("id")
    code = challenge.code
    assert len(code) == 6
    database, queues = everything_in_the_database(), everything_in_the_broker(broker)
    secrets = {"code": code, "credential": enrolled.twilio.account.auth_token}
    assert not [name for name, value in secrets.items() if value in database]
    assert not [name for name, value in secrets.items() if value in queues]
    assert NUMBER not in queues


def test_s01_the_right_code_posted_twenty_times_signs_in_once(enrolled: Product) -> None:
    visitor = half_signed_in(enrolled)
    code = enrolled.code(2)
    visitor.get("/sign-in/verify/")
    copies = [visitor.copy() for _ in range(PARALLEL)]
    together([lambda v=copy: v.post("/sign-in/verify/", code=code) for copy in copies])  # type: ignore[misc]
    signed_in = [copy for copy in copies if copy.get("/security/") and copy.path == "/security/"]
    assert len(signed_in) == 1


def test_s56_twenty_parallel_sends_give_one_message(enrolled: Product) -> None:
    before = SmsMessage.objects.count()
    visitor = half_signed_in(enrolled)
    enrolled.code(2)
    visitor.get("/sign-in/verify/")
    copies = [visitor.copy() for _ in range(PARALLEL)]
    together([lambda v=copy: v.post("/sign-in/verify/", resend="1") for copy in copies])  # type: ignore[misc]
    enrolled.twilio.wait_until_idle()
    assert SmsMessage.objects.count() == before + 1
    assert enrolled.twilio.messages_by_destination() == {NUMBER: 2}
