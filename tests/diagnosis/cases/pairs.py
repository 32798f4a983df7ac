"""Two causes at once: which comes first."""

from clients import people as acts
from clients.models import User
from smsproviders import configuring, health
from tests.diagnosis.case import first_then
from tests.diagnosis.cases.account import wrong_codes
from tests.diagnosis.cases.authenticator import types_twice
from tests.diagnosis.cases.provider import ACTOR, not_asked
from tests.diagnosis.world import APP, World
from tests.twilio_server import http_error, twilio_error
from tests.twofa.people import sms, wrong_app_code, wrong_sms_code
from twofa.vocabulary import Purpose, SendOutcome


def of_both(world: World) -> User:
    world.with_twilio()
    return world.client(app=True)


@first_then("sms.queue_stalled", "sms.provider_disabled")
def our_queue_before_a_provider(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    configuring.disable(provider, actor=ACTOR)
    world.asks(ann)
    world.wait(15)
    return ann


@first_then("sms.queue_stalled", "sms.country_closed")
def our_queue_before_our_policy(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.asks(ann)
    world.wait(15)
    world.policy(allowed_countries="GB")
    return ann


@first_then("sms.credentials_rejected", "sms.country_closed")
def a_provider_before_our_policy(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.twilio.behave(twilio_error(20003))
    health.check(provider)
    world.policy(allowed_countries="GB")
    return not_asked(world, ann, SendOutcome.COUNTRY_CLOSED)


@first_then("sms.provider_down", "sms.number_changed")
def a_provider_before_a_number(world: World) -> User:
    world.with_twilio()
    ann = world.client(phone="+33698765432")
    world.twilio_behaves(http_error(503))
    world.sends(ann, turns=3)
    return ann


@first_then("sms.provider_disabled", "twofa.locked")
def a_provider_before_a_lock(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.sends_and_delivers(ann)
    for _ in range(5):
        world.types(ann, wrong_sms_code(world.code_of(ann)))
    configuring.disable(provider, actor=ACTOR)
    return ann


@first_then("sms.balance_low", "sms.handset_unreachable")
def a_provider_before_a_phone(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.undelivered(ann, 30003)
    world.wait(60)
    world.twilio.change_account(balance="0.00")
    health.check(provider)
    return ann


@first_then("client.blocked", "twofa.locked")
def the_account_before_its_lock(world: World) -> User:
    ann = world.client(app=True, sms=None)
    operator = world.operator("Security desk")
    acts.block(ann.client, operator=operator, reason="asked for by the client")
    world.wait(60)
    wrong_codes(world, ann, 5)
    return ann


@first_then("twofa.locked", "totp.clock_skew")
def a_lock_before_what_led_to_it(world: World) -> User:
    ann = world.client(app=True, sms=None)
    for _ in range(5):
        world.types_at_app(ann, steps=6)
        world.wait(31)
    return ann


@first_then("twofa.locked", "totp.wrong_seed")
def a_lock_before_the_key(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    wrong_codes(world, ann, 5)
    return ann


@first_then("twofa.locked", "twofa.foreign_attempts")
def a_lock_before_who_made_it(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    world.wait(hours=1)
    wrong_codes(world, ann, 5, address="203.0.113.66")
    return ann


@first_then("sms.handset_unreachable", "totp.clock_skew")
def the_method_used_last_is_the_message(world: World) -> User:
    ann = types_twice(world, of_both(world), 5)
    world.undelivered(ann, 30003)
    return ann


@first_then("totp.clock_skew", "sms.handset_unreachable")
def the_method_used_last_is_the_app(world: World) -> User:
    ann = of_both(world)
    world.undelivered(ann, 30003)
    world.wait(60)
    return types_twice(world, ann, 5)


@first_then("sms.number_unknown", "sms.number_changed")
def a_sure_cause_before_a_hint(world: World) -> User:
    world.with_twilio()
    ann = world.client(phone="+33698765432")
    world.undelivered(ann, 30005)
    return ann


@first_then("sms.number_changed", "sms.delivered_not_typed")
def another_phone_before_an_unread_message(world: World) -> User:
    world.with_twilio()
    ann = world.client(phone="+33698765432")
    world.sends_and_delivers(ann)
    world.wait(minutes=4)
    return ann


@first_then("sms.carrier_blocked", "twofa.enrolment_unfinished")
def why_an_enrolment_failed_before_that_it_did(world: World) -> User:
    world.with_twilio()
    ann = world.client(sms=None)
    sms(ann, confirmed=False)
    message = world.sends(ann, purpose=Purpose.ENROL)
    world.reports(message, "undelivered", "30007")
    world.wait(hours=1)
    return ann


@first_then("sms.carrier_delay", "sms.code_expired")
def a_late_message_before_the_dead_code_that_it_brought(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    message = world.sends(ann)
    code = world.code_of(ann)
    world.wait(minutes=5, seconds=30)
    world.reports(message, "delivered")
    world.wait(15)
    assert world.types(ann, code) == "expired"
    return ann


@first_then("sms.send_limit", "sms.handset_unreachable")
def what_refuses_now_before_what_failed_before(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.policy(cap_number_hour="2")
    for _ in range(2):
        world.undelivered(ann, 30003)
        world.wait(minutes=3)
    return not_asked(world, ann, SendOutcome.CAP_NUMBER)


@first_then("sms.handset_unreachable", "sms.send_limit")
def a_phone_that_is_off_before_a_short_wait(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.undelivered(ann, 30003)
    world.wait(5)
    return not_asked(world, ann, SendOutcome.COOLDOWN)


@first_then("sms.delivered_not_typed", "sms.carrier_delay")
def it_was_late_and_lies_unread_with_time_left(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    message = world.sends(ann)
    world.wait(50)
    world.reports(message, "delivered")
    world.wait(minutes=2)
    return ann


@first_then("twofa.method_off", "totp.clock_skew")
def a_method_that_is_off_before_its_clock(world: World) -> User:
    ann = types_twice(world, world.client(app=True, sms=None), 5)
    world.policy(methods="sms")
    return ann


@first_then("client.blocked", "twofa.not_enabled")
def a_blocked_account_before_a_missing_factor(world: World) -> User:
    ann = world.client(sms=None)
    operator = world.operator("Security desk")
    acts.block(ann.client, operator=operator, reason="asked for by the client")
    return ann


@first_then("sms.delivered_not_typed", "totp.wrong_seed")
def the_message_asked_for_last_before_the_key(world: World) -> User:
    ann = of_both(world)
    for _ in range(2):
        world.types(ann, wrong_app_code(world.app_of(ann)), APP)
        world.wait(45)
    world.sends_and_delivers(ann)
    world.wait(minutes=2)
    return ann
