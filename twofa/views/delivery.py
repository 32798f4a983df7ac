"""How a code is on its way, in the client's words. Never "delivered" without a receipt."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twofa.results import Status
from twofa.views.moments import with_time
from twofa.vocabulary import Delivery, Trouble

# Seconds.
_SPOKEN = (5, 10, 20, 30, 60, 120, 180)


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One state as the page shows it.

    `step`: how many of the three bars are filled (prepared, with the network, delivered); 0 when
    it failed. `final`: nothing more will change, so the page stops asking.
    """

    state: str
    step: int
    words: str
    advice: str = ""
    final: bool = False
    sender: str = ""
    sent_at: datetime | None = None
    usual: str = ""
    valid_until: datetime | None = None

    @property
    def sent_words(self) -> str:
        return with_time(_("Sent at %(time)s"), self.sent_at) if self.sent_at else ""

    @property
    def valid_words(self) -> str:
        words = _("Valid until %(time)s")
        return with_time(words, self.valid_until, mark="valid-until") if self.valid_until else ""


def line_of(status: Status) -> DeliveryLine | None:
    """The line to show, or None when no message was sent at all."""
    if status.delivery is None:
        return None
    if status.delivery is Delivery.NOT_DELIVERED:
        return _not_delivered(status)
    if not status.is_live:
        return DeliveryLine(
            "expired", 0, _("This code has expired. Ask for a new one."), final=True
        )
    if status.delivery is Delivery.DELIVERED:
        return _delivered(status)
    return _under_way(status, status.delivery)


def _under_way(status: Status, delivery: Delivery) -> DeliveryLine:
    step = 2 if delivery is Delivery.HANDED_OVER else 1
    words = {
        Delivery.WAITING: _("Sending the code…"),
        Delivery.SENDING: _("Sending the code…"),
        Delivery.DELAYED: _("Delayed. We keep trying, you need not do anything."),
        Delivery.UNCONFIRMED: _("It is not certain that the code was sent: nobody confirmed it."),
        Delivery.HANDED_OVER: _("Handed to the mobile network."),
    }[delivery]
    doubt = _("If it does not come, resend the code, or sign in another way.")
    return DeliveryLine(
        delivery.value,
        step,
        words,
        doubt if delivery is Delivery.UNCONFIRMED else "",
        sender=status.sender,
        sent_at=status.sent_at if step == 2 else None,
        usual=usually(status.usual) if step == 2 and status.usual else "",
        valid_until=status.expires_at,
    )


def _delivered(status: Status) -> DeliveryLine:
    return DeliveryLine(
        status.delivery.value if status.delivery else "",
        3,
        _("Delivered to your phone."),
        final=True,
        sender=status.sender,
        sent_at=status.sent_at,
        valid_until=status.expires_at,
    )


def usually(delay: timedelta) -> str:
    """Rounded up to what people say; nothing where it takes so long that it would not comfort."""
    rounded = next((step for step in _SPOKEN if delay.total_seconds() <= step), None)
    if rounded is None:
        return ""
    if rounded < 60:
        words = ngettext(
            "Usually within %(count)d second", "Usually within %(count)d seconds", rounded
        )
        return words % {"count": rounded}
    minutes = rounded // 60
    words = ngettext("Usually within %(count)d minute", "Usually within %(count)d minutes", minutes)
    return words % {"count": minutes}


def _not_delivered(status: Status) -> DeliveryLine:
    words, advice = _troubles()[status.trouble or Trouble.OURS]
    return DeliveryLine(Delivery.NOT_DELIVERED.value, 0, words, advice, final=True)


def _troubles() -> dict[Trouble, tuple[str, str]]:
    """What happened, and what the client can do about it."""
    return {
        Trouble.NUMBER: (
            _("Could not be delivered: this number takes no text messages."),
            _("Sign in another way, or ask support to help you with the number."),
        ),
        Trouble.UNREACHABLE: (
            _("Could not be delivered: your phone was not reachable."),
            _("Switch it on, check reception and roaming, then resend the code."),
        ),
        Trouble.OPTED_OUT: (
            _("Could not be delivered: your phone once answered STOP to our messages."),
            _("Answer START to our last message, then resend the code."),
        ),
        Trouble.NETWORK: (
            _("Could not be delivered: the mobile network did not take the message."),
            _("Resend the code, or sign in another way."),
        ),
        Trouble.OURS: (
            _("Could not be sent. The fault is ours, not yours."),
            _("Try again in a minute, or sign in another way."),
        ),
    }
