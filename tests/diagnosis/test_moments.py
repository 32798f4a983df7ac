"""The diagnosis as of a moment that is over: what was written down later is not known yet."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clients.models import User
from tests.diagnosis.world import World
from tests.twofa.people import app_code, wrong_app_code
from twofa import resets
from twofa.diagnosis import moments
from twofa.diagnosis.diagnosing import OF_NOW, diagnose
from twofa.diagnosis.findings import Diagnosis
from twofa.models import Challenge
from twofa.resets import NotDone


def reference_of(user: User) -> str:
    return str(Challenge.objects.filter(user=user).latest("id").public_reference)


def then(user: User, reference: str) -> Diagnosis:
    moment = moments.of(reference)
    assert moment is not None
    assert moment.user_id == user.pk
    assert moment.is_over
    return diagnose(user, at=moment.at)


def test_a_lock_that_was_opened_since_is_seen_as_it_was(world: World) -> None:
    user = world.client(sms=None, app=True)
    for _ in range(5):
        world.opens_the_app_page(user)
        world.types(user, wrong_app_code(world.app_of(user)), "authenticator")  # type: ignore[arg-type]
        world.wait(31)
    reference = reference_of(user)
    resets_refused = resets.unlock(user, operator=world.operator(), reason="Called")
    assert resets_refused is NotDone.NOT_ALLOWED
    world.wait(minutes=1)
    resets.unlock(user, operator=None, reason="Called")
    assert world.types_at_app(user) == "accepted"
    world.wait(minutes=5)
    assert diagnose(user).verdict == "ok"
    found = then(user, reference)
    assert found.verdict == "twofa.locked"
    assert found.findings[0].values["failures"] == "5"


def test_a_recovery_code_s_lock_is_no_lock_on_codes(world: World) -> None:
    user = world.client(sms=None, app=True)
    world.opens_the_app_page(user)
    for _ in range(5):
        world.types(user, "ABCD-EFGH-JKLM-NPQR", "recovery")  # type: ignore[arg-type]
    reference = reference_of(user)
    world.wait(minutes=20)
    assert then(user, reference).verdict == "ok"


def test_a_message_that_failed_is_told_after_the_next_one_came_through(world: World) -> None:
    world.with_twilio()
    user = world.client()
    world.undelivered(user, 30005)
    reference = reference_of(user)
    world.wait(minutes=10)
    world.signs_in(user)
    world.wait(minutes=3)
    assert diagnose(user).verdict == "ok"
    assert then(user, reference).verdict == "sms.number_unknown"


def test_what_a_message_became_later_is_not_known_yet(world: World) -> None:
    world.with_twilio()
    user = world.client()
    message = world.sends(user)
    at = timezone.now()
    world.wait(8)
    world.reports(message, "undelivered", "30005")
    found = diagnose(user, at=at)
    assert found.verdict == "ok"
    assert not [step for step in found.timeline if step.at > at]
    message_line = next(line for line in found.checks if line.check == "messages")
    assert "taken" in str(message_line.words).lower()


def test_trouble_of_providers_and_queue_now_is_none_of_then(world: World) -> None:
    user = world.client()
    at = timezone.now()
    world.wait(minutes=5)
    world.asks(user)
    world.wait(40)  # nobody sends it, nobody could
    assert diagnose(user).verdict in {"sms.no_provider", "sms.queue_stalled"}
    found = diagnose(user, at=at)
    assert found.verdict == "ok"
    unknown = [line.check for line in found.checks if line.result == "unknown"]
    assert len(unknown) == len(OF_NOW)


def test_the_command_tells_it_too(world: World) -> None:
    world.with_twilio()
    user, other = world.client(), world.client("bob@example.com", sms="+33612345679")
    world.undelivered(user, 30005)
    reference = reference_of(user)
    world.wait(minutes=10)
    world.signs_in(user)
    told = StringIO()
    call_command("diagnose", user.email, "--json", "--at", reference, stdout=told)
    assert json.loads(told.getvalue())["verdict"] == "sms.number_unknown"
    for email, asked in ((other.email, reference), (user.email, "AAAA-AAAA"), (user.email, "x")):
        with pytest.raises(CommandError):
            call_command("diagnose", email, "--at", asked)


def test_what_goes_on_is_not_over(world: World) -> None:
    user = world.client(sms=None, app=True)
    world.opens_the_app_page(user)
    moment = moments.of(reference_of(user))
    assert moment is not None
    assert not moment.is_over
    world.types(user, app_code(world.app_of(user)), "authenticator")  # type: ignore[arg-type]
    world.wait(minutes=5)
    used = moments.of(reference_of(user))
    assert used is not None
    assert used.is_over
