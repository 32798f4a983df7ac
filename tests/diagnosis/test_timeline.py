"""What happened, step by step, in words, with what did not come."""

from clients.models import User
from tests.diagnosis.cases.account import wrong_codes
from tests.diagnosis.world import World
from tests.twilio_server import twilio_error
from tests.twofa.people import authenticator
from twofa import resets
from twofa.diagnosis.diagnosing import diagnose


def steps(user: User) -> list[str]:
    """The oldest first."""
    return [str(step.words) for step in reversed(diagnose(user).timeline)]


def test_the_way_of_a_code_from_the_asking_to_the_typing(world: World) -> None:
    world.with_twilio()
    ann = world.client()
    world.signs_in(ann)
    told = steps(ann)
    assert told[0].startswith("Code asked for: SMS confirmation, sign in (")
    assert told[1] == "SMS queued"
    assert told[2].startswith("Call of Twilio, ")
    assert "taken by the provider SM" in told[2]
    assert told[3:] == ["Twilio reports: delivered", "Code typed, SMS confirmation: accepted"]


def test_a_refusal_is_told_by_its_cause_and_code(world: World) -> None:
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(twilio_error(20003))
    world.sends(ann)
    assert any("Credentials rejected 20003" in step for step in steps(ann))


def test_gaps_have_names(world: World) -> None:
    world.with_twilio()
    ann = world.client()
    world.asks(ann)
    world.wait(20)
    world.delivers(world.message_of(ann))
    world.wait(minutes=7)
    told = steps(ann)
    assert "Picked up by a worker after 20 s" in told
    assert "No receipt after 5 min" in told
    assert "Code expired, not used" in told


def test_operators_acts_are_steps_and_looking_is_none(world: World) -> None:
    ann = world.client(app=True, sms=None)
    wrong_codes(world, ann, 5)
    resets.unlock(ann, operator=None, reason="called, was identified")
    world.diagnosed(ann)
    acts = [str(step.words) for step in diagnose(ann).timeline if step.tone == "act"]
    assert acts == ["Unlocked by an operator: done"]


def test_an_operator_is_no_operator_of_himself(world: World) -> None:
    operator = world.operator("Support")
    authenticator(operator)
    world.types_at_app(operator, steps=9)
    assert not [step for step in diagnose(operator).timeline if step.tone == "act"]
