"""The authenticator: its clock, its key, and the hand that types."""

from datetime import timedelta
from email.utils import format_datetime

from django.db import connection
from django.utils import timezone

from clients.models import User
from smsproviders import answer_clock, clock_watch
from tests.diagnosis.case import leads_to
from tests.diagnosis.world import APP, World
from tests.twofa import people
from tests.twofa.people import app_code, authenticator, wrong_app_code
from twofa import totp


def of_the_app(world: World) -> User:
    return world.client(app=True, sms=None)


def types_twice(world: World, user: User, steps: int) -> User:
    for _ in range(2):
        assert world.types_at_app(user, steps=steps) == "incorrect"
        world.wait(60)
    return user


@leads_to("totp.clock_skew", sure="certain")
def a_phone_two_and_a_half_minutes_fast(world: World) -> User:
    return types_twice(world, of_the_app(world), 5)


@leads_to("totp.clock_skew", sure="certain")
def a_phone_nine_minutes_slow(world: World) -> User:
    return types_twice(world, of_the_app(world), -18)


@leads_to("totp.clock_skew", sure="certain")
def a_phone_set_to_another_zone_by_hand(world: World) -> User:
    return types_twice(world, of_the_app(world), 2 * 120)


@leads_to("totp.clock_skew", sure="certain")
def a_phone_in_a_zone_of_quarter_hours_and_a_little_off(world: World) -> User:
    return types_twice(world, of_the_app(world), -(5 * 120 + 90) + 2)


@leads_to("totp.clock_skew", sure="possible")
def one_code_of_a_phone_that_is_fast(world: World) -> User:
    ann = of_the_app(world)
    world.types_at_app(ann, steps=7)
    return ann


@leads_to("totp.clock_skew", sure="certain")
def a_phone_that_is_fast_and_a_slip_of_the_finger_after(world: World) -> User:
    ann = types_twice(world, of_the_app(world), 5)
    world.types(ann, wrong_app_code(world.app_of(ann)), APP)
    return ann


@leads_to("totp.code_late", sure="possible")
def one_code_typed_a_minute_too_late(world: World) -> User:
    ann = of_the_app(world)
    world.types_at_app(ann, steps=-3)
    return ann


@leads_to("totp.code_late", sure="likely")
def codes_typed_too_late_each_by_another_time(world: World) -> User:
    ann = of_the_app(world)
    world.types_at_app(ann, steps=-4)
    world.wait(60)
    world.types_at_app(ann, steps=-2)
    return ann


@leads_to("totp.code_reused")
def the_code_just_used_is_typed_again(world: World) -> User:
    ann = of_the_app(world)
    code = app_code(world.app_of(ann))
    assert world.types(ann, code, APP) == "accepted"
    world.wait(5)
    assert world.types(ann, code, APP) == "reused"
    return ann


@leads_to("totp.code_reused")
def a_burnt_code_is_typed_once_the_clock_was_set_right(world: World) -> User:
    ann = of_the_app(world)
    assert world.types_at_app(ann, steps=6) == "incorrect"
    world.wait(6 * 30)
    assert world.types_at_app(ann) == "reused"
    return ann


@leads_to("totp.wrong_seed")
def the_app_was_reinstalled_and_shows_an_old_entry(world: World) -> User:
    ann = of_the_app(world)
    world.signed_in_by_app(ann)
    world.wait(hours=1)
    for _ in range(3):
        world.types(ann, wrong_app_code(world.app_of(ann)), APP)
        world.wait(45)
    return ann


@leads_to("totp.wrong_seed")
def the_app_holds_the_key_that_was_begun_and_not_confirmed(world: World) -> User:
    ann = of_the_app(world)
    world.signed_in_by_app(ann)
    begun = authenticator(ann, confirmed=False)
    for _ in range(2):
        typed = app_code(begun)
        assert totp.explain(world.app_of(ann).seed, typed, at=timezone.now()) is None
        world.types(ann, typed, APP)
        world.wait(45)
    return ann


@leads_to("totp.wrong_seed")
def an_old_entry_is_used_while_enabling_anew(world: World) -> User:
    ann = world.client(sms=None)
    person = world.at_browser().sign_in(ann.email).open("/security/authenticator/")
    person.press("begin", "1")
    begun = world.app_of(ann, confirmed=False)
    for _ in range(2):
        person.submit("code", wrong_app_code(begun))
        world.wait(45)
    return ann


@leads_to("twofa.unreadable")
def a_key_of_the_app_that_we_cannot_decrypt(world: World) -> User:
    ann = of_the_app(world)
    world.signed_in_by_app(ann)
    world.wait(hours=1)
    damage_seed(ann)
    for _ in range(2):
        assert world.types(ann, "123456", APP) == "unchecked"
        world.wait(30)
    return ann


def damage_seed(user: User) -> None:
    """Bound to another row, as good as unreadable."""
    other = authenticator(people.client("other@example.com"))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE twofa_authenticator SET seed = other.seed FROM twofa_authenticator other "
            "WHERE twofa_authenticator.user_id = %s AND other.id = %s",
            [user.pk, other.pk],
        )


@leads_to("totp.server_clock")
def our_clock_is_off_against_the_providers(world: World) -> User:
    ann = of_the_app(world)
    answer_clock.note(format_datetime(timezone.now() - timedelta(seconds=95)))
    clock_watch.keep()
    types_twice(world, ann, -3)
    return ann
