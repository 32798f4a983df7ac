"""Thought of after the checks were written: how they fare with what they were not made for."""

import json

from django.test import Client as Http

from clients import people as acts
from clients.models import Client, ClientStatus, User
from smsproviders import configuring, health, sender_heartbeat
from smsproviders.models import Heartbeat
from tests.diagnosis.case import is_well, leads_to
from tests.diagnosis.cases.account import wrong_codes
from tests.diagnosis.cases.provider import ACTOR, not_asked
from tests.diagnosis.world import APP, World
from tests.twilio_server import twilio_error
from tests.twofa.people import app_code, sms, wrong_sms_code
from tests.twofa.people import codes as recovery_codes
from tests.vonage_server import receipt
from twofa import resets
from twofa.vocabulary import FactorKind, Purpose, SendOutcome


def vonage_reports(world: World, status: str, code: str = "0") -> None:
    given = receipt(world.vonage.messages[-1], status, code, account=world.vonage.account)
    answer = Http().post("/sms/reports/vonage/", json.dumps(given), "application/json")
    assert answer.status_code == 204


def failed_over(world: World) -> User:
    world.with_twilio(priority=1)
    world.with_vonage(priority=2)
    ann = world.client()
    message = world.undelivered(ann, 30003)
    world.delivers(message, turns=2)
    world.wait(5)
    return ann


@leads_to("sms.delivered_not_typed")
def the_second_provider_delivered_it_and_nothing_was_typed(world: World) -> User:
    ann = failed_over(world)
    vonage_reports(world, "delivered")
    world.wait(minutes=3)
    return ann


@leads_to("sms.handset_unreachable")
def two_providers_could_not_reach_the_phone(world: World) -> User:
    ann = failed_over(world)
    vonage_reports(world, "failed", "2")
    return ann


@leads_to("sms.handset_unreachable")
def signed_in_and_then_the_code_for_a_change_did_not_come(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.signs_in(ann)
    world.wait(minutes=20)
    message = world.sends(ann, purpose=Purpose.STEP_UP)
    world.reports(message, "undelivered", "30003")
    return ann


@leads_to("totp.clock_skew")
def unlocked_and_not_tried_since(world: World) -> User:
    ann = world.client(app=True, sms=None)
    for _ in range(5):
        world.types_at_app(ann, steps=6)
        world.wait(31)
    resets.unlock(ann, operator=None, reason="called, was identified")
    return ann


@is_well
def three_mistyped_codes_and_no_more(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.sends_and_delivers(ann)
    world.wait(10)
    for _ in range(3):
        world.types(ann, wrong_sms_code(world.code_of(ann)))
        world.wait(5)
    return ann


@leads_to("sms.delivered_not_typed")
def it_waited_for_a_worker_and_then_came_in_time(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.asks(ann)
    world.wait(40)
    sender_heartbeat.beat(Heartbeat.Part.WORKER)
    world.delivered_to(ann)
    world.wait(minutes=2)
    return ann


@is_well
def a_closed_country_and_a_client_who_uses_the_app(world: World) -> User:
    world.with_twilio()
    ann = world.client(app=True)
    world.policy(allowed_countries="GB")
    assert world.types_at_app(ann) == "accepted"
    return ann


@is_well
def it_failed_and_the_next_one_is_under_way(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.undelivered(ann, 30003)
    world.wait(minutes=2)
    world.sends(ann)
    world.wait(3)
    return ann


@leads_to("sms.number_unknown")
def the_new_number_of_a_client_whose_old_one_works(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.signs_in(ann)
    world.wait(60)
    sms(ann, "+33698765432", confirmed=False)
    message = world.sends(ann, purpose=Purpose.ENROL)
    world.reports(message, "undelivered", "30005")
    return ann


@leads_to("sms.country_closed")
def the_new_number_is_of_a_country_that_is_closed(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.signs_in(ann)
    world.wait(60)
    sms(ann, "+818012345678", confirmed=False)
    world.asks(ann, purpose=Purpose.ENROL)
    return ann


@is_well
def locked_for_good_and_back_by_a_recovery_code(world: World) -> User:
    ann = world.client(app=True, sms=None)
    (first, *_) = recovery_codes(ann)
    wrong_codes(world, ann, 5)
    world.wait(minutes=16)
    wrong_codes(world, ann, 5)
    assert world.types(ann, first, FactorKind.RECOVERY) == "accepted"
    return ann


@is_well
def wrong_passwords_and_then_signed_in(world: World) -> User:
    ann = world.client(app=True, sms=None)
    for _ in range(3):
        world.at_browser().sign_in(ann.email, "not the password")
    world.signed_in_by_app(ann)
    return ann


@leads_to("client.inactive")
def a_closed_account_and_right_passwords_that_are_refused(world: World) -> User:
    ann = world.client(app=True, sms=None)
    Client.objects.filter(user=ann).update(status=ClientStatus.CLOSED)
    for _ in range(3):
        world.at_browser().sign_in(ann.email)
    return ann


@is_well
def a_cap_that_is_over_by_now(world: World) -> User:
    world.with_twilio()
    ann = world.client(app=True)
    world.policy(cap_number_hour="1")
    world.signs_in(ann)
    not_asked(world, ann, SendOutcome.CAP_NUMBER)
    world.wait(hours=2)
    return ann


@is_well
def a_provider_that_is_not_set_up_before_one_that_is(world: World) -> User:
    world.with_twilio(priority=1, credentials={"auth_token": ""})
    world.with_vonage(priority=2)
    ann = world.client()
    world.sends(ann, turns=2)
    vonage_reports(world, "delivered")
    world.wait(10)
    assert world.types(ann, world.code_of(ann)) == "accepted"
    return ann


@leads_to("sms.delivered_not_typed")
def the_first_provider_is_out_of_money_and_the_second_delivered(world: World) -> User:
    first = world.with_twilio(priority=1)
    world.with_vonage(priority=2)
    ann = world.client()
    world.twilio.change_account(balance="-1.00")
    health.check(first)
    world.twilio_behaves(twilio_error(20005))
    world.sends(ann, turns=2)
    vonage_reports(world, "delivered")
    world.wait(minutes=2)
    return ann


@leads_to("sms.no_provider", sure="likely")
def a_provider_was_enabled_after_the_last_try(world: World) -> User:
    provider = world.with_twilio(countries=["GB"])
    ann = world.client()
    world.sends(ann)
    provider.countries = []
    provider.save()
    return ann


@is_well
def a_provider_was_off_for_a_while_and_on_again(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    configuring.disable(provider, actor=ACTOR)
    world.wait(minutes=5)
    configuring.enable(provider, actor=ACTOR)
    return ann


@is_well
def unblocked_and_signed_in(world: World) -> User:
    ann = world.client(app=True, sms=None)
    operator = world.operator("Security desk")
    acts.block(ann.client, operator=operator, reason="asked for by the client")
    acts.unblock(Client.objects.get(user=ann), operator=operator, reason="called")
    world.wait(60)
    world.signed_in_by_app(ann)
    return ann


@leads_to("totp.wrong_seed")
def the_old_entry_is_used_after_a_replacement(world: World) -> User:
    ann = world.client(app=True, sms=None)
    person = world.signed_in_by_app(ann)
    old = world.app_of(ann)
    person.open("/security/authenticator/").press("begin", "1")
    if any("code" in form.fields for form in person.page.forms):
        person.submit("code", app_code(old))
        person.open("/security/authenticator/").press("begin", "1")
    person.submit("code", app_code(world.app_of(ann, confirmed=False)))
    world.wait(minutes=30)
    for _ in range(2):
        world.types(ann, app_code(old), APP)
        world.wait(45)
    return ann


@leads_to("totp.clock_skew")
def a_skewed_clock_while_an_authenticator_is_being_enabled(world: World) -> User:
    ann = world.client(sms=None)
    person = world.at_browser().sign_in(ann.email).open("/security/authenticator/")
    person.press("begin", "1")
    begun = world.app_of(ann, confirmed=False)
    for _ in range(2):
        person.submit("code", app_code(begun, steps=-8))
        world.wait(60)
    return ann


@is_well
def the_breaker_of_one_provider_is_open_and_the_other_serves(world: World) -> User:
    world.with_twilio(priority=1)
    world.with_vonage(priority=2)
    ann = world.client()
    world.twilio_behaves(twilio_error(20503))
    world.others(5, receipt_after=None)
    world.worker_takes_all()
    return ann


@leads_to("totp.code_reused")
def a_used_code_is_typed_again_for_a_change(world: World) -> User:
    ann = world.client(app=True, sms=None)
    code = app_code(world.app_of(ann))
    assert world.types(ann, code, APP) == "accepted"
    world.wait(10)
    assert world.types(ann, code, APP, purpose=Purpose.STEP_UP) == "reused"
    return ann


@leads_to("sms.handset_unreachable")
def an_operator_whose_phone_is_off(world: World) -> User:
    world.with_twilio()
    operator = world.operator("Support")
    sms(operator)
    world.undelivered(operator, 30003)
    return operator


@leads_to("sms.provider_down")
def the_provider_times_out_and_the_app_was_looked_for_then(world: World) -> User:
    world.with_twilio()
    ann = world.client(app=True)
    world.twilio_behaves(twilio_error(20500))
    world.sends(ann, turns=3)
    world.wait(30)
    world.opens_the_app_page(ann)
    world.wait(60)
    return ann
