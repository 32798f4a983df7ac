"""A test SMS to a client's own number: does anything reach that phone? Words only, never a code."""

from django.db import transaction

from clients.models import User
from smsproviders import trial_sends
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.route_state import route_state
from smsproviders.trial_sends import TooManyTests
from twofa import first_line, log_actions
from twofa.models import SmsConfirmation
from twofa.numbers import country_of
from twofa.operator_acts import NotDone, forbidden, hold_both, record
from twofa.vocabulary import OperatorAct

# Not the right to try a provider: who holds that need not see clients.
MAY_SEND = "twofa.send_test_message"


def may_send(operator: User, user: User) -> bool:
    return forbidden(operator, user, MAY_SEND) is None


def number_of(user: User) -> str:
    """The confirmed factor's, else the one being enrolled, in E.164; "" without either."""
    device = SmsConfirmation.objects.filter(user=user).order_by("-confirmed").first()
    return str(device.number) if device else ""


def first_provider(number: str) -> SmsProvider | None:
    """The one that a code to that number would be tried by first."""
    serving = route_state(country_of(number)).serving
    return next((state.provider for state in serving), None)


def send(user: User, provider: SmsProvider, *, operator: User) -> SmsMessage | NotDone:
    """Queue it to the client's number, logged about him as well as about the provider.

    `trial_sends.TooManyTests` over the operator's limit an hour; ValidationError for a number
    that cannot be one.
    """
    with transaction.atomic():
        hold_both(user, operator)
        number = number_of(user)
        refused = forbidden(operator, user, MAY_SEND)
        refused = refused or first_line.obstacle(operator, user, OperatorAct.TEST_MESSAGE)
        if refused is None and not number:
            return NotDone.NOTHING_TO_DO
        queued = refused or _queue(number, provider, operator)
        facts = {"provider": provider.name}
        if isinstance(queued, SmsMessage):
            facts["message"] = str(queued.pk)
        kept = NotDone.TOO_MANY if isinstance(queued, TooManyTests) else refused
        record(log_actions.TEST_SMS_SENT, operator, user, kept, facts=facts)
    if isinstance(queued, TooManyTests):
        raise queued
    return queued


def _queue(number: str, provider: SmsProvider, operator: User) -> SmsMessage | TooManyTests:
    """A refusal is handed back: raised there, it would take its record in the log along."""
    try:
        return trial_sends.start(provider, number, actor=log_actions.actor(operator))
    except TooManyTests as refused:
        return refused
