"""Providers: set up wrongly, refused, out of money, down, slow; our rules for routes."""

from datetime import timedelta

from clients.models import User
from smsproviders import configuring, health, pause_review
from smsproviders.models import SmsProvider
from smsproviders.report_evidence import REFUSED_ENOUGH
from tests.diagnosis.case import leads_to
from tests.diagnosis.world import World
from tests.smsproviders.sent_codes import codes
from tests.twilio_server import AccountStatus, AccountType, http_error, ok, twilio_error
from tests.twofa.people import sms
from tests.vonage_server import refusing
from twofa import log_actions
from twofa.results import SendRefused
from twofa.vocabulary import Purpose, SendOutcome

ACTOR = log_actions.COMMAND


def refused(world: World, code: int) -> User:
    """The only provider answers so."""
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(twilio_error(code))
    world.sends(ann, turns=3)
    return ann


def not_asked(world: World, user: User, outcome: SendOutcome) -> User:
    answer = world.asks(user)
    assert isinstance(answer, SendRefused), answer
    assert answer.outcome == outcome
    return user


@leads_to("sms.no_provider")
def no_provider_is_set_up(world: World) -> User:
    ann = world.client()
    world.sends(ann)
    return ann


@leads_to("sms.no_provider")
def the_only_provider_serves_another_country(world: World) -> User:
    world.with_twilio(countries=["GB"])
    ann = world.client()
    world.sends(ann)
    return ann


@leads_to("sms.provider_disabled")
def the_only_provider_was_switched_off(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    configuring.disable(provider, actor=ACTOR)
    world.wait(minutes=10)
    world.sends(ann)
    return ann


@leads_to("sms.provider_incomplete")
def a_required_setting_of_the_provider_is_empty(world: World) -> User:
    world.with_twilio(credentials={"auth_token": ""})
    ann = world.client()
    world.sends(ann)
    return ann


@leads_to("sms.provider_incomplete")
def a_setting_that_the_account_does_not_have(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.undelivered(ann, 30029)
    return ann


@leads_to("sms.credentials_rejected", sure="certain")
def a_send_is_refused_for_the_credentials(world: World) -> User:
    return refused(world, 20003)


@leads_to("sms.credentials_rejected", sure="certain")
def a_check_finds_the_credentials_revoked(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.signs_in(ann)
    world.wait(hours=1)
    world.twilio.behave(twilio_error(20003))
    health.check(provider)
    return ann


@leads_to("sms.credentials_rejected", sure="likely")
def a_send_was_refused_and_a_check_since_is_fine(world: World) -> User:
    ann = refused(world, 20003)
    world.twilio.behave(ok())
    world.wait(minutes=2)
    health.check(SmsProvider.objects.get())
    return ann


@leads_to("sms.test_credentials")
def a_trial_account_refuses_the_number(world: World) -> User:
    return refused(world, 21608)


@leads_to("sms.test_credentials")
def a_check_finds_a_trial_account(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.twilio.change_account(type=AccountType.TRIAL)
    health.check(provider)
    return ann


@leads_to("sms.account_suspended")
def a_send_meets_a_suspended_account(world: World) -> User:
    return refused(world, 20005)


@leads_to("sms.account_suspended")
def a_check_finds_the_account_suspended_with_money_on_it(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.twilio.change_account(status=AccountStatus.SUSPENDED, balance="12.00")
    health.check(provider)
    return ann


@leads_to("sms.balance_low")
def a_send_fails_for_lack_of_credit(world: World) -> User:
    world.with_vonage()
    ann = world.client()
    world.vonage.behave(refusing("9"))
    world.sends(ann)
    return ann


@leads_to("sms.balance_low")
def a_check_finds_that_nothing_is_left(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.twilio.change_account(balance="0.00")
    health.check(provider)
    return ann


@leads_to("sms.balance_low")
def the_account_is_suspended_and_nothing_is_left(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    world.twilio.change_account(status=AccountStatus.SUSPENDED, balance="-0.35")
    health.check(provider)
    world.twilio_behaves(twilio_error(20005))
    world.wait(30)
    world.sends(ann)
    return ann


@leads_to("sms.sender_rejected")
def the_sender_may_not_send_there(world: World) -> User:
    return refused(world, 21612)


@leads_to("sms.callback_invalid")
def our_callback_address_is_refused(world: World) -> User:
    return refused(world, 21609)


@leads_to("sms.receipts_broken")
def the_reports_fail_their_proof(world: World) -> User:
    provider = world.with_twilio()
    ann = world.client()
    first = world.client("bob@example.com", sms="+33698765432")
    world.sends(first)
    message = world.sends(ann)
    form = {"MessageSid": "SM1", "MessageStatus": "sent", "AccountSid": world.twilio.account.sid}
    for _ in range(REFUSED_ENOUGH):
        world.wait(70)
        path = f"/sms/reports/{provider.name}/?attempt={message.attempts.get().pk}"
        assert world.posts(path, form, token="an old secret").status_code == 403
    world.wait(minutes=1)
    health.check_all()
    return ann


@leads_to("sms.receipts_broken")
def the_provider_tells_ends_only_when_asked(world: World) -> User:
    from smsproviders import asking

    world.with_twilio()
    ann = world.client()
    for index in range(3):
        other = world.client(f"o{index}@example.com", sms=f"+3369876540{index}")
        world.sends(other)
        world.twilio.wait_until_idle()
        world.wait(40)
        asking.ask(world.message_of(other).attempts.get())
    health.check_all()
    world.sends(ann)
    world.wait(40)
    return ann


@leads_to("sms.country_closed", owner="operator")
def our_settings_leave_the_country_out(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.policy(allowed_countries="GB, DE")
    return not_asked(world, ann, SendOutcome.COUNTRY_CLOSED)


@leads_to("sms.country_closed")
def the_provider_has_the_country_switched_off(world: World) -> User:
    return refused(world, 21408)


@leads_to("sms.route_paused")
def few_codes_to_similar_numbers_are_typed(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    codes(30, "+3361234")
    assert pause_review.review()
    return not_asked(world, ann, SendOutcome.PREFIX_PAUSED)


@leads_to("sms.route_paused")
def the_money_of_the_hour_is_spent(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.policy(spend_cap_country_hour="0.10", assumed_price="0.10")
    codes(1, "+3369999", ago=timedelta(seconds=5))
    return not_asked(world, ann, SendOutcome.SPEND_COUNTRY)


@leads_to("sms.route_paused")
def a_neighbours_number_is_held_for_suspected_fraud(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    bob = world.client("bob@example.com", sms="+33612340000")
    sms(ann, "+33612349999", confirmed=False)
    world.twilio_behaves(twilio_error(30450))
    world.sends(bob)
    answer = world.asks(ann, purpose=Purpose.ENROL)
    assert isinstance(answer, SendRefused)
    return ann


@leads_to("sms.provider_down")
def the_provider_does_not_answer_this_client(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(http_error(503))
    world.sends(ann, turns=3)
    return ann


@leads_to("sms.provider_down", sure="certain")
def the_breaker_of_the_only_provider_is_open(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(twilio_error(20503))
    world.others(5, receipt_after=None)
    world.wait(5)
    world.asks(ann)
    world.delivers(world.message_of(ann))
    return ann


@leads_to("sms.provider_down", sure="likely")
def the_provider_was_down_and_takes_others_messages_since(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(http_error(503))
    world.sends(ann, turns=3)
    world.wait(minutes=2)
    world.twilio_behaves(ok())
    world.others(2)
    return ann


@leads_to("sms.provider_slow")
def the_provider_hands_nothing_on(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.others(8)
    world.wait(minutes=30)
    world.others(5, receipt_after=None, prefix="+3369999")
    world.wait(12)
    world.sends(ann)
    world.wait(15)
    return ann


@leads_to("sms.rate_limited_by_provider")
def the_provider_takes_no_more_today(world: World) -> User:
    return refused(world, 63038)


@leads_to("sms.rate_limited_by_provider")
def the_message_stands_in_line_for_a_slow_account(world: World) -> User:
    world.with_twilio(messages_per_second=0.05)
    ann = world.client()
    world.others(2, receipt_after=None)
    world.asks(ann)
    world.delivers(world.message_of(ann))
    world.wait(11)
    return ann


@leads_to("sms.fraud_hold")
def the_provider_suspects_fraud_of_the_number(world: World) -> User:
    ann = refused(world, 30450)
    world.wait(minutes=2)
    return not_asked(world, ann, SendOutcome.FRAUD_HOLD)


@leads_to("sms.template_broken")
def the_text_is_too_long_for_the_provider(world: World) -> User:
    return refused(world, 21617)


@leads_to("sms.send_limit", owner="client", sure="possible")
def another_code_is_asked_for_at_once(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.sends(ann)
    world.wait(5)
    return not_asked(world, ann, SendOutcome.COOLDOWN)


@leads_to("sms.send_limit", owner="client", sure="certain")
def too_many_codes_for_one_number(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.policy(cap_number_hour="2")
    for _ in range(2):
        world.sends(ann)
        world.wait(minutes=3)
    return not_asked(world, ann, SendOutcome.CAP_NUMBER)


@leads_to("sms.send_limit", owner="operator", sure="certain")
def too_many_codes_from_an_address_that_many_share(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.policy(cap_address_hour="2")
    for index in range(2):
        world.sends(world.client(f"o{index}@example.com", sms=f"+3369876{index}543"))
    return not_asked(world, ann, SendOutcome.CAP_ADDRESS)


@leads_to("sms.send_limit", owner="operator", sure="certain")
def too_many_codes_to_similar_numbers(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.policy(cap_prefix_hour="2")
    for index in range(2):
        other = world.client(f"o{index}@example.com", sms=f"+3361234000{index}")
        world.asks(other, address=f"198.51.100.{index}")
    world.worker_takes_all()
    return not_asked(world, ann, SendOutcome.CAP_PREFIX)
