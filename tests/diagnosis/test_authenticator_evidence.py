"""What refused codes of an authenticator tell: the verdict, and how sure it is."""

import pytest
import time_machine

from smsproviders.models import SmsProvider
from tests.twofa import people
from tests.twofa.people import app_code, try_code, wrong_app_code
from twofa.diagnosis.diagnosing import diagnose
from twofa.diagnosis.vocabulary import Confidence
from twofa.models import Authenticator
from twofa.vocabulary import FactorKind

pytestmark = pytest.mark.django_db
NOW = "2026-11-24T10:00:05Z"


@pytest.fixture
def device() -> Authenticator:
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        return people.authenticator(people.client())


def type_codes(device: Authenticator, *offsets: int) -> None:
    """Codes of an app whose clock is that many steps ahead, a minute apart."""
    with time_machine.travel(NOW, tick=False) as clock:
        for offset in offsets:
            try_code(device.user, app_code(device, steps=offset))
            clock.shift(60)


@pytest.mark.parametrize(
    ("offsets", "verdict", "confidence"),
    [
        ([5], "totp.clock_skew", Confidence.POSSIBLE),
        ([5, 5], "totp.clock_skew", Confidence.CERTAIN),
        ([5, 6, 5], "totp.clock_skew", Confidence.CERTAIN),
        ([-10, -10], "totp.clock_skew", Confidence.CERTAIN),
        ([240, 240], "totp.clock_skew", Confidence.CERTAIN),
        ([-240, -241], "totp.clock_skew", Confidence.CERTAIN),
        ([-2, -2], "totp.clock_skew", Confidence.CERTAIN),
        ([-2], "totp.code_late", Confidence.POSSIBLE),
        ([-4, -2], "totp.code_late", Confidence.LIKELY),
        ([0], "ok", None),
        ([5, 0], "ok", None),
    ],
)
def test_offsets_tell_a_wrong_clock_from_a_slow_hand(
    device: Authenticator, offsets: list[int], verdict: str, confidence: Confidence | None
) -> None:
    type_codes(device, *offsets)
    with time_machine.travel("2026-11-24T10:05:00Z", tick=False):
        found = diagnose(device.user)
    assert found.verdict == verdict
    if confidence:
        assert found.findings[0].confidence == confidence


def test_a_used_code_typed_again_is_called_so(device: Authenticator) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        code = app_code(device)
        try_code(device.user, code)
        clock.shift(5)
        try_code(device.user, code)
        assert diagnose(device.user).verdict == "totp.code_reused"


def test_codes_that_fit_nowhere_mean_another_key(device: Authenticator) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for seconds, verdict in ((5, "ok"), (60, "ok"), (0, "totp.wrong_seed")):
            try_code(device.user, wrong_app_code(device))
            assert diagnose(device.user).verdict == verdict, "the same code typed twice is one"
            clock.shift(seconds)


@pytest.fixture
def route() -> SmsProvider:
    return SmsProvider.objects.create(
        caption="Sandbox", name="sandbox", backend="sandbox", enabled=True
    )


@pytest.mark.usefixtures("route")
def test_a_code_of_the_app_typed_for_an_sms_is_told_apart() -> None:
    user = people.client()
    device = people.authenticator(user)
    people.sms(user)
    people.sent_code(user)
    assert try_code(user, app_code(device), FactorKind.SMS) == "incorrect"
    assert diagnose(user).verdict == "twofa.other_method"


@pytest.mark.usefixtures("route")
def test_a_code_of_a_message_typed_for_the_app_is_told_apart() -> None:
    user = people.client()
    people.authenticator(user)
    people.sms(user)
    code = people.sent_code(user)
    assert try_code(user, code) == "incorrect"
    assert diagnose(user).verdict == "twofa.other_method"
