"""Evidence must not become a hole: what explains a code to operators tells a guesser nothing, and
what is told of a diagnosis holds no secret."""

import json
import random
import re
from collections.abc import Iterator
from functools import cache

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import User
from tests.diagnosis.world import APP, SMS, World
from tests.twofa.pages import Person
from tests.twofa.people import BINDING, app_code, wrong_app_code
from twofa import totp
from twofa.models import Authenticator, CodeAttempt, VerificationState
from twofa.results import Refused
from twofa.verification import verify
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose

CODES = 1000
FAR = [offset for offset in totp._EXPLAINING if abs(offset) > 3]
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"')


def forget_failures(user: User) -> None:
    """So that no lock ends the guessing: a guesser with many accounts meets none either."""
    VerificationState.objects.filter(user=user).update(
        failures=0, locked_until=None, hard_locked_at=None
    )


def guess(user: User, code: str, factor: FactorKind = APP) -> Refused:
    forget_failures(user)
    result = verify(user, factor=factor, purpose=Purpose.SIGN_IN, binding=BINDING, code=code)
    assert isinstance(result, Refused)
    return result


@pytest.fixture
def device(world: World) -> Authenticator:
    return world.app_of(world.client(app=True))


def shuffled(device: Authenticator) -> Iterator[tuple[str, bool]]:
    """Random codes, and between them such as fit far outside the window: each at another offset."""
    dice = random.Random(6238)
    offsets = dice.sample(FAR, 200)
    seed = device.seed
    for number in range(CODES):
        if number % 5 == 0:
            step = totp.step_at(timezone.now()) + offsets[number // 5]
            yield totp.code_at(seed, step), True
        else:
            yield f"{dice.randrange(10**6):06d}", False


def test_1000_random_codes_tell_nothing_of_what_fits_outside_the_window(
    device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock stands still, so these are the same 600 all the time.
    monkeypatch.setattr(totp, "code_at", cache(totp.code_at))
    found: dict[bool, set[Refused]] = {True: set(), False: set()}
    last = None
    for code, fits in shuffled(device):
        result = guess(device.user, code)
        if result.outcome == CodeOutcome.REUSED:
            continue  # typed before, by chance
        offset = CodeAttempt.objects.latest("id").offset_steps
        # Two in a row at one offset are the exception that is wanted, and seldom by chance.
        if last is None or offset is None or abs(offset - last) > 1:
            found[fits].add(result)
        last = offset
    assert found[True] == found[False]
    assert len(found[True]) == 1


def normalised(person: Person) -> tuple[int, str]:
    return person.response.status_code, CHANGING.sub("", person.html)


@pytest.mark.parametrize("path", ["/sign-in/verify/", "/security/confirm/"])
def test_the_page_is_the_same_to_the_letter(world: World, device: Authenticator, path: str) -> None:
    ann = device.user
    if path == "/sign-in/verify/":
        person = world.at_browser().sign_in(ann.email)
        person.open("/sign-in/other/").press("way", APP.value)
    else:
        person = world.signed_in_by_app(ann)
        world.wait(minutes=20)  # so that a change asks for a code again
        person.open("/security/authenticator/").press("begin", "1")
    pages = set()
    for number in range(12):
        forget_failures(ann)
        fitting = app_code(device, steps=FAR[17 * number + 5])
        code = fitting if number % 2 else wrong_app_code(device)
        person.submit("code", code)
        world.wait(7)
        pages.add(normalised(person))
    assert len(pages) == 1
    assert CodeAttempt.objects.filter(offset_steps__isnull=False).count() >= 6


def test_a_code_that_fits_elsewhere_costs_the_same_work(
    device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither questions to the database nor digests: so no clock can tell them apart."""
    computed: list[int] = []
    real = totp.code_at

    def counted(seed: str, step: int) -> str:
        computed.append(step)
        return real(seed, step)

    work = set()
    wrong = wrong_app_code(device)
    guess(device.user, wrong)
    near, far, zone = (app_code(device, steps=steps) for steps in (2, 17, 240))
    monkeypatch.setattr(totp, "code_at", counted)
    for code in (wrong, near, wrong, far, wrong, zone, wrong):
        computed.clear()
        with CaptureQueriesContext(connection) as captured:
            guess(device.user, code)
        work.add((len(captured), len(computed)))
    assert len(work) == 1


def test_the_code_of_the_other_factor_is_answered_as_any_wrong_one(
    world: World, device: Authenticator
) -> None:
    ann = device.user
    world.with_twilio()
    world.sends_and_delivers(ann)
    world.opens_the_app_page(ann)
    for factor, right_elsewhere, wrong in (
        (SMS, app_code(device), "000000"),
        (APP, world.code_of(ann), wrong_app_code(device)),
    ):
        answers = set()
        for code in (wrong, right_elsewhere):
            with CaptureQueriesContext(connection) as captured:
                answers.add((guess(ann, code, factor), len(captured)))
        assert len(answers) == 1
    assert set(CodeAttempt.objects.values_list("other_factor", flat=True)) >= {APP, SMS}


def test_nothing_outside_the_window_is_ever_accepted(device: Authenticator) -> None:
    for offset in FAR[::9]:
        assert guess(device.user, app_code(device, steps=offset)).outcome in {
            CodeOutcome.INCORRECT,
            CodeOutcome.REUSED,
        }


@pytest.mark.parametrize("steps", [2, 5, 20])
def test_a_step_that_was_explained_is_burnt(
    world: World, device: Authenticator, steps: int
) -> None:
    code = app_code(device, steps=steps)
    assert guess(device.user, code).outcome == CodeOutcome.INCORRECT
    world.wait(steps * 30)
    assert guess(device.user, code).outcome == CodeOutcome.REUSED
    world.wait(30)
    assert world.types_at_app(device.user) == "accepted", "the next one works"


class TestTheHint:
    """That the clock is off is told only after two different codes in a row at one offset."""

    def typed(self, world: World, device: Authenticator, *steps: int | None) -> list[bool]:
        told = []
        for offset in steps:
            code = wrong_app_code(device) if offset is None else app_code(device, steps=offset)
            told.append(guess(device.user, code).clock_offset is not None)
            world.wait(60)
        return told

    def test_two_different_codes_at_one_offset(self, world: World, device: Authenticator) -> None:
        assert self.typed(world, device, 5, 5) == [False, True]

    def test_not_at_two_offsets(self, world: World, device: Authenticator) -> None:
        assert self.typed(world, device, 5, 9, 5, 9) == [False] * 4

    def test_not_with_a_wrong_one_between(self, world: World, device: Authenticator) -> None:
        assert self.typed(world, device, 5, None, 5) == [False] * 3

    def test_not_for_one_code_typed_twice(self, world: World, device: Authenticator) -> None:
        code = app_code(device, steps=5)
        for _ in range(2):
            assert guess(device.user, code).clock_offset is None
            world.wait(2)


def test_a_diagnosis_holds_no_secret(world: World) -> None:
    world.with_twilio()
    ann = world.client(app=True)
    device = world.app_of(ann)
    world.undelivered(ann, 30003)
    code, typed = world.code_of(ann), app_code(device, steps=7)
    world.types(ann, typed, APP)
    told = json.dumps(world.diagnosed(ann))
    secrets = [code, typed, device.seed, "+33612345678", "33612345678", "612345678"]
    secrets += [str(value) for value in world.twilio.account.numbers[1:]]
    secrets += [world.twilio.account.auth_token, world.twilio.account.sid]
    assert not [secret for secret in secrets if secret in told]
