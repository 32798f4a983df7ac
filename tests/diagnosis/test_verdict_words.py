"""The verdict in one sentence, where no cause was found: never more than is known."""

from django.db import connection

from clients.models import User
from tests.diagnosis.world import APP, World
from twofa.diagnosis import presenting
from twofa.diagnosis.diagnosing import diagnose


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


def test_a_key_of_ours_that_is_missing_is_said_though_no_cause_names_it(world: World) -> None:
    ann = world.client(app=True, sms=None)
    world.client("bob@example.com", app=True, sms=None)
    with connection.cursor() as cursor:
        # Bound to another row, as good as unreadable.
        cursor.execute(
            "UPDATE twofa_authenticator SET seed = other.seed FROM twofa_authenticator other "
            "WHERE twofa_authenticator.user_id = %s AND other.user_id <> %s",
            [ann.pk, ann.pk],
        )
    assert world.types(ann, "123456", APP) == "unchecked"
    assert words_about(ann) == "The code could not be checked: a key is missing."
