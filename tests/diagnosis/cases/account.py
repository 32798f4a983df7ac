"""The account and how the sign-in went."""

from django.conf import settings

from clients import people as acts
from clients.models import Client, ClientStatus, User
from tests.diagnosis.case import leads_to
from tests.diagnosis.world import APP, AWAY, CURL, SMS, World
from tests.twofa.people import app_code, authenticator, sms, wrong_app_code, wrong_sms_code
from tests.twofa.people import codes as recovery_codes
from twofa import resets
from twofa.models.reset import ResetScope
from twofa.vocabulary import FactorKind, Purpose


def wrong_codes(world: World, user: User, count: int, *, address: str = "192.0.2.10") -> None:
    for _ in range(count):
        world.types(user, wrong_app_code(world.app_of(user)), APP, address=address)
        world.wait(31)


@leads_to("client.inactive")
def the_account_was_closed(world: World) -> User:
    ann = world.client(app=True, sms=None)
    Client.objects.filter(user=ann).update(status=ClientStatus.CLOSED)
    return ann


@leads_to("client.inactive")
def an_operator_whose_account_was_switched_off(world: World) -> User:
    operator = world.operator("Support")
    User.objects.filter(pk=operator.pk).update(is_active=False)
    return operator


@leads_to("client.blocked")
def an_operator_blocked_the_client(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    operator = world.operator("Security desk")
    acts.block(ann.client, operator=operator, reason="asked for by the client")
    world.wait(hours=30)
    return ann


@leads_to("client.blocked")
def too_many_wrong_passwords_from_one_address(world: World) -> User:
    ann = world.client(app=True, sms=None)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        world.at_browser().sign_in(ann.email, "not the password")
    world.wait(minutes=2)
    return ann


@leads_to("signin.never_asked")
def the_password_was_wrong(world: World) -> User:
    ann = world.client(app=True)
    world.signed_in_by_app(ann)
    world.wait(hours=1)
    for _ in range(2):
        world.at_browser().sign_in(ann.email, "not the password")
    return ann


@leads_to("signin.never_asked", sure="possible")
def the_sign_in_was_left_at_the_code(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.at_browser().sign_in(ann.email)
    world.wait(minutes=12)
    return ann


@leads_to("signin.never_asked", sure="possible")
def the_code_went_to_another_account_with_this_phone(world: World) -> User:
    ann = world.client()
    husband = world.client("bob@example.com")
    world.with_twilio()
    world.sends(husband)
    world.wait(minutes=5)
    return ann


@leads_to("twofa.not_enabled")
def there_is_no_factor_and_none_is_asked_for(world: World) -> User:
    return world.client(sms=None)


@leads_to("twofa.not_enabled")
def the_last_factor_was_disabled_by_an_operator(world: World) -> User:
    ann = world.client(app=True, sms=None)
    operator = world.operator("Security desk")
    done = resets.disable(
        ann, ResetScope.ALL, operator=operator, reason="lost the phone", client_request=True
    )
    assert done
    return ann


@leads_to("twofa.enrolment_unfinished")
def an_authenticator_was_begun_and_left(world: World) -> User:
    ann = world.client(sms=None)
    world.at_browser().sign_in(ann.email).open("/security/authenticator/").press("begin", "1")
    world.wait(hours=2)
    return ann


@leads_to("twofa.enrolment_unfinished")
def an_operator_who_never_finished_enrolment(world: World) -> User:
    operator = world.operator("Support")
    authenticator(operator, confirmed=False)
    return operator


@leads_to("twofa.method_off")
def the_only_method_was_switched_off(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.policy(methods="sms")
    world.types_at_app(ann)
    return ann


@leads_to("twofa.locked")
def five_wrong_codes_of_the_app_lock(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    wrong_codes(world, ann, 5)
    return ann


@leads_to("twofa.locked")
def five_wrong_codes_of_messages_lock(world: World) -> User:
    ann = world.client()
    world.with_twilio()
    world.sends_and_delivers(ann)
    for _ in range(5):
        world.types(ann, wrong_sms_code(world.code_of(ann)))
    return ann


@leads_to("twofa.locked")
def five_wrong_recovery_codes_lock_those(world: World) -> User:
    ann = world.client(app=True, sms=None)
    recovery_codes(ann)
    for _ in range(5):
        world.types(ann, "AAAA-BBBB-CCCC-DDDD", FactorKind.RECOVERY)
    return ann


@leads_to("twofa.hard_locked")
def ten_wrong_codes_lock_for_good(world: World) -> User:
    ann = world.client(app=True, sms=None)
    wrong_codes(world, ann, 5)
    world.wait(minutes=20)
    wrong_codes(world, ann, 5)
    world.wait(hours=3)
    return ann


@leads_to("twofa.foreign_attempts")
def a_stranger_types_wrong_codes_while_the_client_gets_in(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    world.wait(hours=1)
    thief = world.at_browser(address=AWAY, browser=CURL).sign_in(ann.email)
    for code in ("000000", "111111", "222222"):
        thief.submit("code", code)
    world.wait(hours=1)
    world.signed_in_by_app(ann)
    return ann


@leads_to("twofa.other_method", sure="certain")
def the_code_of_the_app_is_typed_for_a_message(world: World) -> User:
    ann = world.client(app=True)
    world.with_twilio()
    world.sends_and_delivers(ann)
    assert world.types(ann, app_code(world.app_of(ann)), SMS) == "incorrect"
    return ann


@leads_to("twofa.other_method", sure="certain")
def the_code_of_a_message_is_typed_for_the_app(world: World) -> User:
    ann = world.client(app=True)
    world.with_twilio()
    world.sends_and_delivers(ann)
    world.opens_the_app_page(ann)
    assert world.types(ann, world.code_of(ann), APP) == "incorrect"
    return ann


@leads_to("twofa.other_method", sure="possible")
def a_message_is_waited_for_while_the_page_asks_for_the_app(world: World) -> User:
    ann = world.client(app=True)
    world.with_twilio()
    world.at_browser().sign_in(ann.email)
    world.wait(minutes=4)
    return ann


@leads_to("twofa.enrolment_unfinished", sure="possible")
def a_second_factor_was_begun_beside_the_first(world: World) -> User:
    ann = world.client(app=True, sms=None)
    person = world.signed_in_by_app(ann)
    world.wait(minutes=3)
    assert person
    sms(ann, confirmed=False)
    return ann


@leads_to("twofa.enrolment_unfinished")
def a_number_was_begun_its_code_came_and_was_not_confirmed_at_once(world: World) -> User:
    ann = world.client(sms=None)
    sms(ann, confirmed=False)
    world.with_twilio()
    message = world.sends(ann, purpose=Purpose.ENROL)
    world.reports(message, "delivered")
    world.types(ann, wrong_sms_code(world.code_of(ann)), purpose=Purpose.ENROL)
    world.wait(hours=1)
    return ann
