"""Our own machinery."""

from clients.models import User
from smsproviders import sender_heartbeat, settling
from smsproviders.models import Heartbeat
from tests.diagnosis.case import leads_to
from tests.diagnosis.world import World


@leads_to("sms.queue_stalled")
def no_worker_takes_the_message(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    sender_heartbeat.beat(Heartbeat.Part.WORKER)
    world.wait(minutes=5)
    world.asks(ann)
    world.wait(11)
    return ann


@leads_to("sms.queue_stalled")
def others_messages_wait_and_this_client_has_not_asked_yet(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.asks(world.client("bob@example.com", sms="+33698765432"))
    world.wait(30)
    return ann


@leads_to("sms.expired_before_sending")
def the_code_died_before_a_worker_came(world: World) -> User:
    world.with_twilio()
    ann = world.client()
    world.asks(ann)
    world.wait(minutes=6)
    assert settling.close_expired() == 1
    return ann
