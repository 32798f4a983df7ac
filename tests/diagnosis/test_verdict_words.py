"""The verdict in one sentence, where no cause was found: never more than is known."""

from clients.models import User
from tests.diagnosis.world import World
from twofa.diagnosis import presenting
from twofa.diagnosis.diagnosing import diagnose
from twofa.vocabulary import FactorKind


def words_about(user: User) -> str:
    return presenting.verdict_words(diagnose(user))


def test_a_client_whose_codes_work(world: World) -> None:
    ann = world.client(app=True, sms=None)
    world.types_at_app(ann)
    assert words_about(ann) == "Nothing is wrong: codes work for this client."


def test_whether_a_message_came_is_not_known_on_a_route_without_receipts(world: World) -> None:
    world.with_twilio()
    ann = world.client()
    world.sends(ann)
    world.wait(45)
    told = words_about(ann)
    assert told.startswith("No fault was found, and one thing is not known. Handed over at ")


def test_no_more_is_claimed_after_wrong_codes_than_that_no_fault_was_found(world: World) -> None:
    ann = world.client(app=True, sms=None)
    world.types(ann, "000000", FactorKind.AUTHENTICATOR)
    assert words_about(ann) == (
        "No fault was found, but 1 code was wrong and none was right since. Let the client try "
        "once more, then look again."
    )
    world.wait(60)
    world.types_at_app(ann)
    assert words_about(ann) == "Nothing is wrong: codes work for this client."
