"""A client's story: enable, sign in, change, lose the device. On real processes."""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from backoffice.development.valkey import Valkey
from clients.models import User
from smsproviders.models import SmsMessage, SmsProvider
from tests.scenarios.conftest import CLIENT, NUMBER, PASSWORD, Product, command, enable_sms
from tests.services.waiting import wait_until
from tests.services.web import Visitor
from tests.twofa.people import authenticator
from twofa import totp

pytestmark = pytest.mark.slow
WITH_APP = "app@example.com"


def signed_in(visitor: Visitor) -> bool:
    return visitor.get("/security/").status == 200 and visitor.path == "/security/"


def test_a_code_by_sms_signs_the_client_in(product: Product, client_account: User) -> None:
    first = product.visitor()
    first.sign_in(CLIENT, PASSWORD)
    enable_sms(product, first)
    assert first.get("/security/").marked("factor-sms-status") == ["On"]
    assert any("SMS" in subject for subject in product.letters(CLIENT))
    product.twilio.wait_until_idle()

    # A cooldown follows each message; the enrolment's success ends it.
    second = product.visitor()
    page = second.sign_in(CLIENT, PASSWORD)
    assert second.path == "/sign-in/verify/"
    assert "••78" in page.text
    assert not signed_in(second)
    second.get("/sign-in/verify/")
    second.post("/sign-in/verify/", code=product.code(2))
    assert signed_in(second)

    newest = SmsMessage.objects.filter(purpose="sign_in").get()
    wait_until(lambda: SmsMessage.objects.get(pk=newest.pk).state == "delivered")
    assert SmsMessage.objects.get(pk=newest.pk).body == ""


def test_twilio_is_asked_once_with_what_its_api_wants(
    product: Product, client_account: User
) -> None:
    visitor = product.visitor()
    visitor.sign_in(CLIENT, PASSWORD)
    enable_sms(product, visitor)
    again = product.visitor()
    again.sign_in(CLIENT, PASSWORD)
    code = product.code(2)
    product.twilio.wait_until_idle()
    sends = [r for r in product.twilio.requests if r.path.endswith("/Messages.json")]
    sign_in = sends[-1]
    assert len(sends) == 2
    assert sign_in.form["To"] == NUMBER
    assert sign_in.form["From"] == product.twilio.account.numbers[0]
    assert 280 <= int(sign_in.form["ValidityPeriod"]) <= 300
    provider = SmsProvider.objects.get()
    callback = sign_in.form["StatusCallback"]
    assert callback.startswith(f"{product.site.url}/sms/reports/{provider.name}/?attempt=")
    assert sign_in.form["Body"].endswith(f"@127.0.0.1 #{code}")
    assert all(delivery.response_status in {200, 204} for delivery in product.twilio.callbacks)


def test_the_authenticator_is_enabled_and_signs_in(product: Product, client_account: User) -> None:
    visitor = product.visitor()
    visitor.sign_in(CLIENT, PASSWORD)
    visitor.get("/security/authenticator/")
    page = visitor.post("/security/authenticator/", begin="1")
    (key,) = page.marked("totp-key")
    seed = key.replace(" ", "")
    step = totp.step_at(datetime.now(UTC))
    page = visitor.post("/security/authenticator/", code=totp.code_at(seed, step))
    codes = page.marked("recovery-code")
    assert len(codes) == 10

    # The enrolment's code is used up; the next step's code is accepted ahead of its time.
    other = product.visitor()
    other.sign_in(CLIENT, PASSWORD)
    refused = other.post("/sign-in/verify/", code=totp.code_at(seed, step))
    assert refused.marked("error") or "used" in refused.text
    other.post("/sign-in/verify/", code=totp.code_at(seed, step + 1))
    assert signed_in(other)

    # Without the phone: a recovery code, once.
    third, fourth = product.visitor(), product.visitor()
    for lost in (third, fourth):
        lost.sign_in(CLIENT, PASSWORD)
        lost.get("/sign-in/recovery/")
        lost.post("/sign-in/recovery/", code=codes[0])
    assert signed_in(third)
    assert not signed_in(fourth)


def stopped(valkey: Valkey) -> Callable[[], None]:
    """Takes connections no more, and has forgotten its queue when it comes back."""
    valkey.stop()
    return valkey.start


def silent(valkey: Valkey) -> Callable[[], None]:
    """Takes connections and says nothing."""
    pid = valkey.pid or 0
    os.kill(pid, signal.SIGSTOP)
    return lambda: os.kill(pid, signal.SIGCONT)


@pytest.mark.faults
@pytest.mark.parametrize("break_it", [stopped, silent])
def test_s85_without_the_broker_the_page_answers_and_the_code_comes_later(
    make_product: Callable[..., Product],
    client_account: User,
    own_valkey: Valkey,
    break_it: Callable[[Valkey], Callable[[], None]],
) -> None:
    product = make_product(REDIS_URL=own_valkey.url)
    command("add_client", WITH_APP, "--password-stdin", stdin=f"{PASSWORD}\n")
    app = authenticator(User.objects.get(email=WITH_APP))
    visitor = product.visitor()
    visitor.sign_in(CLIENT, PASSWORD)
    enable_sms(product, visitor)
    again = product.visitor()
    again.get("/sign-in/")
    repair = break_it(own_valkey)
    began = time.monotonic()
    page = again.post("/sign-in/", email=CLIENT, password=PASSWORD)
    took = time.monotonic() - began
    assert (again.path, page.status) == ("/sign-in/verify/", 200)
    # Two pages, the form's answer and the one it leads to, and one password hash; the machine may
    # be busy. How long a page really takes is measured in tests/benchmarks.
    assert took < 4
    late = timezone.now() - timedelta(seconds=11)
    assert SmsMessage.objects.filter(state="queued").update(created_at=late) == 1
    assert "Delayed" in again.get("/sign-in/verify/").text
    by_app = product.visitor()
    by_app.sign_in(WITH_APP, PASSWORD)
    code = totp.code_at(app.seed, totp.step_at(timezone.now()))
    by_app.post("/sign-in/verify/", code=code)
    assert signed_in(by_app)
    repair()
    again.post("/sign-in/verify/", code=product.code(2, within=30))
    assert signed_in(again)
