"""Holds: until when other systems should hold back grave acts of a client, such as payments.

One stands after an operator switched a factor off, one after an operator changed e-mail or phone:
then whoever signs in may not be the client. Enabling a new factor ends neither.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import User
from clients.people import contact_held_until
from twofa.lost_device_keys import HOLD_AFTER_RESET
from twofa.models import Reset


class HoldReason(models.TextChoices):
    FACTOR_RESET = "factor_reset", _("support switched a second factor off")
    CONTACT_CHANGED = "contact_changed", _("support changed the e-mail address or the phone")


@dataclass(frozen=True, slots=True)
class Hold:
    reason: HoldReason
    until: datetime


def after_reset(at: datetime) -> datetime | None:
    """The end of the hold that a reset of that moment begins; None when there is none."""
    seconds = HOLD_AFTER_RESET()
    return at + timedelta(seconds=seconds) if seconds else None


def of(user: User) -> list[Hold]:
    """Those in force, the longest first."""
    found = (
        (HoldReason.FACTOR_RESET, _after_newest_reset(user)),
        (HoldReason.CONTACT_CHANGED, contact_held_until(user)),
    )
    holds = [Hold(reason, until) for reason, until in found if until]
    return sorted(holds, key=lambda hold: hold.until, reverse=True)


def _after_newest_reset(user: User) -> datetime | None:
    held = Reset.objects.filter(user=user, hold_until__gt=timezone.now())
    return held.order_by("-hold_until").values_list("hold_until", flat=True).first()
