"""Sending a message again: by which providers it can be, and which of them to prefer."""

from smsproviders import routing
from smsproviders.models import SmsMessage, SmsProvider

RESEND = "smsproviders.resend_smsmessage"


def choices(message: SmsMessage) -> list[SmsProvider]:
    """The providers that a message to that country can be sent by now, in the route's order."""
    return routing.route(message.country)


def untried(message: SmsMessage) -> SmsProvider | None:
    """The first of them that did not fail with this message; None: it went well, or none is left.

    To be offered where it went wrong: the route would ask the same provider first.
    """
    if not message.cause:
        return None
    tried = set(message.attempts.values_list("provider", flat=True))
    return next((one for one in choices(message) if one.pk not in tried), None)
