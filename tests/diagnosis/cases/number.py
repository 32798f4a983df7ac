"""One number, its phone, its network, and what is typed of its messages."""

from clients import people as acts
from clients.models import User
from smsproviders.models import SmsMessage
from tests.diagnosis.case import leads_to
from tests.diagnosis.world import World
from tests.twilio_server import twilio_error
from tests.twofa.people import sms
from twofa import resets
from twofa.models import SmsConfirmation
from twofa.models.reset import ResetScope
from twofa.results import SendRefused
from twofa.vocabulary import Purpose, SendOutcome

LANDLINE, NO_SUCH_NUMBER = "+33144556677", "+33050000000"


def with_a_way(world: World) -> User:
    world.with_twilio()
    return world.client()


def refused(world: World, code: int) -> User:
    """The provider answers with that code."""
    ann = with_a_way(world)
    world.twilio_behaves(twilio_error(code))
    world.sends(ann)
    return ann


@leads_to("sms.number_missing")
def the_number_is_taken_away_during_the_sign_in(world: World) -> User:
    ann = world.client(app=True)
    world.with_twilio()
    person = world.at_browser().sign_in(ann.email)
    operator = world.operator("Security desk")
    done = resets.disable(
        ann, ResetScope.SMS, operator=operator, reason="sold the phone", client_request=True
    )
    assert done
    assert person
    world.worker_takes_all()
    world.wait(30)
    answer = world.asks(ann)
    assert isinstance(answer, SendRefused)
    assert answer.outcome == SendOutcome.NO_NUMBER
    return ann


@leads_to("sms.number_changed", sure="likely")
def the_code_lies_unread_on_the_old_phone(world: World) -> User:
    ann = with_a_way(world)
    operator = world.operator("Administrator")
    acts.change_contact(
        ann.client, email=ann.email, phone="+33698765432", operator=operator, reason="moved"
    )
    world.wait(hours=2)
    world.sends_and_delivers(ann)
    world.wait(minutes=3)
    return ann


@leads_to("sms.number_invalid")
def a_provider_says_that_the_number_is_not_valid(world: World) -> User:
    return refused(world, 21211)


@leads_to("sms.number_invalid")
def a_number_that_no_plan_has_is_being_enrolled(world: World) -> User:
    world.with_twilio()
    ann = world.client(sms=None)
    sms(ann, NO_SUCH_NUMBER, confirmed=False)
    answer = world.asks(ann, purpose=Purpose.ENROL)
    assert isinstance(answer, SendRefused)
    assert answer.outcome == SendOutcome.NUMBER_REFUSED
    return ann


@leads_to("sms.landline")
def a_landline_is_being_enrolled(world: World) -> User:
    world.with_twilio()
    ann = world.client(sms=None)
    sms(ann, LANDLINE, confirmed=False)
    answer = world.asks(ann, purpose=Purpose.ENROL)
    assert isinstance(answer, SendRefused)
    assert answer.outcome == SendOutcome.LANDLINE
    return ann


@leads_to("sms.landline")
def a_provider_says_that_the_number_takes_no_sms(world: World) -> User:
    return refused(world, 21614)


@leads_to("sms.landline")
def a_vague_code_of_a_number_that_the_plan_has_as_a_fixed_line(world: World) -> User:
    """Sent before our copy of the plans knew it: a row that nothing but time makes."""
    ann = with_a_way(world)
    world.undelivered(ann, 30006)
    SmsMessage.objects.update(number=LANDLINE)
    SmsConfirmation.objects.update(number=LANDLINE)
    return ann


@leads_to("sms.carrier_blocked", sure="likely")
def the_same_vague_code_of_a_mobile_number(world: World) -> User:
    ann = with_a_way(world)
    world.undelivered(ann, 30006)
    return ann


@leads_to("sms.number_unknown", sure="certain")
def the_number_is_no_longer_in_service(world: World) -> User:
    ann = with_a_way(world)
    world.undelivered(ann, 30005)
    return ann


@leads_to("sms.handset_unreachable", sure="certain")
def the_phone_is_off(world: World) -> User:
    ann = with_a_way(world)
    world.undelivered(ann, 30003)
    return ann


@leads_to("sms.opted_out")
def the_client_once_replied_stop(world: World) -> User:
    return refused(world, 21610)


@leads_to("sms.carrier_blocked")
def the_network_filtered_it(world: World) -> User:
    ann = with_a_way(world)
    world.undelivered(ann, 30007)
    return ann


@leads_to("sms.carrier_congested", owner="carrier")
def the_network_is_congested(world: World) -> User:
    ann = with_a_way(world)
    world.undelivered(ann, 30017)
    return ann


@leads_to("sms.carrier_delay", sure="likely")
def no_receipt_where_others_get_one(world: World) -> User:
    ann = with_a_way(world)
    world.others(6)
    world.wait(minutes=5)
    world.sends(ann)
    world.wait(45)
    return ann


@leads_to("sms.carrier_delay", sure="certain")
def it_came_when_the_code_was_nearly_dead(world: World) -> User:
    ann = with_a_way(world)
    world.others(6)
    message = world.sends(ann)
    world.wait(minutes=4, seconds=40)
    world.reports(message, "delivered")
    return ann


@leads_to("sms.carrier_delay")
def it_came_after_the_code_and_was_typed_then(world: World) -> User:
    ann = with_a_way(world)
    message = world.sends(ann)
    code = world.code_of(ann)
    world.wait(minutes=6)
    world.reports(message, "delivered")
    world.wait(20)
    assert world.types(ann, code) == "expired"
    return ann


@leads_to("sms.carrier_delay")
def the_code_died_in_the_providers_queue(world: World) -> User:
    ann = with_a_way(world)
    world.undelivered(ann, 30036)
    return ann


@leads_to("sms.delivered_not_typed", sure="likely")
def it_was_delivered_and_nothing_was_typed(world: World) -> User:
    ann = with_a_way(world)
    world.sends_and_delivers(ann)
    world.wait(minutes=3)
    return ann


@leads_to("sms.delivered_not_typed", sure="possible")
def it_was_delivered_just_now(world: World) -> User:
    ann = with_a_way(world)
    world.sends_and_delivers(ann)
    world.wait(20)
    return ann


@leads_to("sms.delivered_not_typed")
def it_was_delivered_to_a_number_being_enrolled(world: World) -> User:
    world.with_twilio()
    ann = world.client(sms=None)
    sms(ann, confirmed=False)
    message = world.sends(ann, purpose=Purpose.ENROL)
    world.wait(5)
    world.reports(message, "delivered")
    world.wait(minutes=2)
    return ann


@leads_to("sms.delivered_not_typed")
def an_operators_code_was_delivered_and_not_typed(world: World) -> User:
    world.with_twilio()
    operator = world.operator("Support")
    sms(operator)
    world.sends_and_delivers(operator)
    world.wait(minutes=2)
    return operator


@leads_to("sms.code_expired", sure="certain")
def the_right_code_was_typed_too_late(world: World) -> User:
    ann = with_a_way(world)
    world.sends_and_delivers(ann)
    code = world.code_of(ann)
    world.wait(minutes=7)
    assert world.types(ann, code) == "expired"
    return ann


@leads_to("sms.code_superseded")
def the_code_of_an_earlier_message_was_typed(world: World) -> User:
    ann = with_a_way(world)
    world.sends_and_delivers(ann)
    first = world.code_of(ann)
    world.wait(minutes=6)
    world.sends_and_delivers(ann)
    world.wait(20)
    assert world.types(ann, first) == "superseded"
    return ann


@leads_to("sms.unexplained", sure="possible")
def the_provider_gave_no_reason(world: World) -> User:
    ann = with_a_way(world)
    world.undelivered(ann, 30008)
    return ann


@leads_to("sms.unexplained")
def the_provider_gave_a_code_that_nobody_knows(world: World) -> User:
    return refused(world, 21999)


@leads_to("sms.handset_unreachable")
def the_phone_is_off_and_the_app_is_not_at_hand_either(world: World) -> User:
    ann = world.client(app=True)
    world.with_twilio()
    world.undelivered(ann, 30003)
    world.wait(60)
    world.opens_the_app_page(ann)
    world.wait(120)
    return ann
