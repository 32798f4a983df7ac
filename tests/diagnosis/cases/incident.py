"""Failures of many at once."""

from clients.models import User
from smsproviders import breakers, incident_detection, incidents
from smsproviders.models import SmsProvider
from tests.diagnosis.case import first_then, is_well, leads_to
from tests.diagnosis.world import World
from tests.twilio_server import ok, twilio_error
from twofa import log_actions

CHECK = "incident"


def everybody_fails(world: World, code: int) -> User:
    """Other clients, then this one, who is not alone with it."""
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(twilio_error(code))
    for tail in range(7):
        world.others(1, receipt_after=None, prefix=f"+336{tail}8888")
        world.wait(5)
    world.sends(ann, turns=3)
    world.worker_takes_all()
    incident_detection.detect()
    assert incidents.open_now()
    return ann


@leads_to("sms.incident", check=CHECK)
def the_provider_is_down_for_all(world: World) -> User:
    return everybody_fails(world, 20503)


@first_then("sms.incident", "sms.credentials_rejected", check=CHECK)
def an_incident_before_the_cause_of_each_of_its_failures(world: World) -> User:
    return everybody_fails(world, 20003)


@is_well
def an_incident_of_another_country(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.twilio_behaves(twilio_error(20503))
    for tail in range(7):
        world.others(1, receipt_after=None, prefix=f"+49176{tail}8888")
        world.wait(5)
    world.worker_takes_all()
    incident_detection.detect()
    assert incidents.open_now()
    return ann


@is_well
def an_incident_through_which_this_client_got_his_code(world: World) -> User:
    ann = everybody_fails(world, 20003)
    breakers.reset(SmsProvider.objects.get(), "*", actor=log_actions.COMMAND)
    world.twilio_behaves(ok())
    world.wait(minutes=2)
    world.signs_in(ann)
    return ann


@is_well
def an_incident_beside_a_client_who_uses_the_app(world: World) -> User:
    everybody_fails(world, 20503)
    bob = world.client("bob@example.com", sms="+33698765432", app=True)
    assert world.types_at_app(bob) == "accepted"
    return bob
