"""Clients whose codes work, however much went wrong before, beside them, or for others."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from clients.models import User
from smsproviders import configuring, health, pause_review
from smsproviders.models import SmsMessage, SmsProvider
from tests.diagnosis.case import is_well
from tests.diagnosis.cases.account import wrong_codes
from tests.diagnosis.cases.authenticator import types_twice
from tests.diagnosis.cases.provider import ACTOR
from tests.diagnosis.world import APP, AWAY, SMS, World
from tests.smsproviders.sent_codes import codes
from tests.twilio_server import AccountType, http_error, ok, twilio_error
from tests.twofa.people import BINDING, app_code, authenticator, sms, wrong_app_code, wrong_sms_code
from twofa import resets, resynchronising, totp
from twofa.factor_changes import put_in_force
from twofa.models import SmsConfirmation
from twofa.results import SendRefused, Verified
from twofa.verification import verify
from twofa.vocabulary import Purpose


@is_well
def signed_in_by_message(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.signed_in_by_sms(ann)
    return ann


@is_well
def signed_in_by_the_app(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    return ann


@is_well
def enabled_long_ago_and_quiet_since(world: World) -> User:
    world.with_twilio()
    ann = world.client(app=True)
    world.wait(hours=500)
    return ann


@is_well
def a_message_failed_and_the_next_one_worked(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.undelivered(ann, 30003)
    world.wait(minutes=2)
    world.signs_in(ann)
    return ann


@is_well
def trouble_of_more_than_a_day_ago(world: World) -> User:
    world.with_twilio()
    ann = world.client(app=True)
    world.undelivered(ann, 30005)
    types_twice(world, ann, 5)
    world.wait(hours=25)
    return ann


@is_well
def one_mistyped_code_and_then_the_right_one(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.sends_and_delivers(ann)
    world.types(ann, wrong_sms_code(world.code_of(ann)))
    world.wait(10)
    assert world.types(ann, world.code_of(ann)) == "accepted"
    return ann


@is_well
def one_mistyped_code_of_the_app(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    world.types(ann, wrong_app_code(world.app_of(ann)), APP)
    return ann


@is_well
def the_clock_was_off_and_was_set_right(world: World) -> User:
    ann = types_twice(world, world.client(app=True, sms=None), 5)
    assert world.types_at_app(ann) == "accepted"
    return ann


@is_well
def messages_fail_while_the_app_is_used(world: World) -> User:
    world.with_twilio()
    ann = world.client(app=True)
    world.undelivered(ann, 30006)
    world.wait(60)
    assert world.types_at_app(ann) == "accepted"
    return ann


@is_well
def the_route_is_broken_for_a_client_who_uses_the_app(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client(app=True)
    assert world.types_at_app(ann) == "accepted"
    configuring.disable(provider, actor=ACTOR)
    return ann


@is_well
def the_first_provider_failed_and_the_second_delivered(world: World) -> User:
    world.with_twilio(caption="First", name="first", priority=1)
    world.with_vonage(priority=2)
    ann = world.client()
    world.twilio_behaves(twilio_error(20003))
    world.sends(ann, turns=2)
    world.wait(10)
    assert world.types(ann, world.code_of(ann)) == "accepted"
    return ann


@is_well
def the_first_provider_failed_and_the_second_took_it_just_now(world: World) -> User:
    world.with_twilio(priority=1)
    world.with_vonage(priority=2)
    ann = world.client()
    world.twilio_behaves(http_error(401))
    message = world.sends(ann, turns=2)
    assert message.state == "accepted"
    world.wait(5)
    return ann


@is_well
def a_provider_of_another_country_is_down(world: World) -> User:
    broken = world.with_twilio(caption="British", name="british", countries=["GB"], priority=1)
    world.with_twilio(caption="French", name="french", countries=["FR"], priority=2)
    ann = world.client()
    world.twilio.behave(twilio_error(20003))
    health.check(broken)
    return ann


@is_well
def the_breaker_of_another_country_is_open(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(twilio_error(20503))
    world.others(5, receipt_after=None, prefix="+4477009001")
    world.twilio_behaves(ok())
    return ann


@is_well
def a_spare_provider_has_wrong_credentials(world: World) -> User:
    world.with_twilio(priority=1)
    spare = world.with_vonage(priority=2, credentials={"api_secret": "WrongSecret12345"})
    ann = world.client()
    health.check(spare)
    world.signs_in(ann)
    return ann


@is_well
def the_balance_is_low_while_messages_pass(world: World) -> User:
    provider = world.with_twilio(low_balance=Decimal(50))
    ann = world.client()
    world.twilio.change_account(balance="3.10")
    health.check(provider)
    world.signs_in(ann)
    return ann


@is_well
def a_trial_account_that_delivers_to_this_client(world: World) -> User:

    provider = world.with_twilio()
    ann = world.client()
    world.twilio.change_account(type=AccountType.TRIAL, verified_numbers=("+33612345678",))
    health.check(provider)
    world.wait(60)
    world.signs_in(ann)
    world.wait(hours=2)
    health.check(SmsProvider.objects.get())
    return ann


@is_well
def a_replacement_was_begun_and_the_old_app_works(world: World) -> User:

    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    authenticator(ann, confirmed=False)
    world.wait(minutes=5)
    assert world.types_at_app(ann) == "accepted"
    return ann


@is_well
def an_authenticator_was_replaced_without_a_gap(world: World) -> User:
    ann = world.client(app=True, sms=None)
    person = world.signed_in_by_app(ann).open("/security/authenticator/").press("begin", "1")
    if any("code" in form.fields for form in person.page.forms):
        person.submit("code", app_code(world.app_of(ann)))
        person.open("/security/authenticator/").press("begin", "1")
    person.submit("code", app_code(world.app_of(ann, confirmed=False)))
    world.wait(60)
    assert world.types_at_app(ann) == "accepted"
    return ann


@is_well
def unlocked_by_an_operator_and_signed_in(world: World) -> User:
    ann = world.client(app=True, sms=None)
    world.signed_in_by_app(ann)
    wrong_codes(world, ann, 5)
    operator = world.operator("Security desk")
    resets.unlock(ann, operator=operator, reason="called, was identified")
    world.wait(60)
    assert world.types_at_app(ann) == "accepted"
    return ann


@is_well
def somebody_guessed_passwords_elsewhere_and_the_client_got_in(world: World) -> User:

    ann = world.client(app=True, sms=None)
    for _ in range(settings.AXES_FAILURE_LIMIT):
        world.at_browser(address=AWAY).sign_in(ann.email, "not the password")
    world.wait(60)
    world.signed_in_by_app(ann)
    return ann


@is_well
def a_paused_neighbourhood_in_which_this_number_is_known(world: World) -> User:

    world.with_twilio()
    ann = world.client()
    world.signs_in(ann)
    SmsMessage.objects.all().delete()  # as the purge does after a while
    codes(30, "+3361234")
    assert pause_review.review()
    return ann


@is_well
def a_spend_cap_was_raised(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.policy(spend_cap_country_hour="0.10", assumed_price="0.10")
    codes(1, "+3369999", ago=timedelta(seconds=5))
    assert isinstance(world.asks(ann), SendRefused)
    world.policy(spend_cap_country_hour="50")
    return ann


@is_well
def a_short_wait_that_is_over(world: World) -> User:

    world.with_twilio()
    ann = world.client()
    world.sends(ann)
    world.wait(5)
    assert isinstance(world.asks(ann), SendRefused)
    world.wait(40)
    world.signs_in(ann)
    return ann


@is_well
def a_lock_that_ended_by_itself_and_a_sign_in(world: World) -> User:
    ann = world.client(app=True, sms=None)
    wrong_codes(world, ann, 5)
    world.wait(minutes=16)
    assert world.types_at_app(ann) == "accepted"
    return ann


@is_well
def a_family_that_shares_a_phone(world: World) -> User:
    world.with_twilio()
    world.client("bob@example.com")
    ann = world.client()
    world.signs_in(ann)
    return ann


@is_well
def others_messages_wait_only_since_this_client_was_served(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    bob = world.client("bob@example.com", sms="+33698765432")
    world.asks(bob)
    world.wait(12)
    message = world.sends(ann)
    world.reports(message, "sent")
    world.wait(5)
    return ann


@is_well
def a_route_without_receipts_where_codes_are_typed(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.others(6, receipt_after=None)
    world.sends(ann)
    world.wait(40)
    assert world.types(ann, world.code_of(ann)) == "accepted"
    return ann


@is_well
def taken_a_moment_ago_on_a_route_without_receipts(world: World) -> User:
    """Whether it came is not known, and says so; nothing speaks for a fault."""
    world.with_twilio()
    ann = world.client()
    world.others(6, receipt_after=None)
    world.wait(minutes=5)
    world.sends(ann)
    world.wait(45)
    return ann


@is_well
def an_operator_signed_in_with_the_app(world: World) -> User:

    operator = world.operator("Support")
    authenticator(operator)
    assert world.types_at_app(operator) == "accepted"
    return operator


@is_well
def a_number_was_enrolled_after_a_failure(world: World) -> User:
    world.with_twilio()
    ann = world.client(sms=None)
    sms(ann, confirmed=False)
    message = world.sends(ann, purpose=Purpose.ENROL)
    world.reports(message, "undelivered", "30003")
    world.wait(minutes=2)
    world.sends(ann, purpose=Purpose.ENROL)

    begun = SmsConfirmation.objects.get(user=ann)

    def enabled(_: Verified) -> None:
        put_in_force(ann, begun)

    done = verify(
        ann,
        factor=SMS,
        purpose=Purpose.ENROL,
        binding=BINDING,
        code=world.code_of(ann),
        accepted=enabled,
    )
    assert isinstance(done, Verified)
    world.worker_takes_all()
    return ann


@is_well
def a_phone_whose_clock_was_learnt(world: World) -> User:
    ann = types_twice(world, world.client(app=True, sms=None), 12)
    device = world.app_of(ann)
    operator = world.operator("Security desk")
    assert resynchronising.allow(ann, operator=operator, reason="called, was identified")
    world.wait(60)
    there = totp.step_at(timezone.now()) + 12
    first, second = (totp.code_at(device.seed, step) for step in (there, there + 1))
    done = resynchronising.resynchronise(
        ann, purpose=Purpose.STEP_UP, binding=BINDING, first=first, second=second
    )
    assert isinstance(done, Verified), done
    world.wait(120)
    assert world.types_at_app(ann, steps=12) == "accepted"
    return ann
