"""Failures of many at once."""

from clients.models import User
from smsproviders import incident_detection, incidents
from tests.diagnosis.case import first_then, leads_to
from tests.diagnosis.world import World
from tests.twilio_server import twilio_error

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
