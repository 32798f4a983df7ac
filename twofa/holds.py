"""Holds: until when other systems should hold back grave acts of a client, such as payments.

One stands after an operator switched a factor off, one after a sign-in by a temporary code, one
after an operator changed e-mail or phone: then whoever signs in may not be the client. Enabling a
new factor ends none.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import User
from clients.people import contact_held_until
from twofa.lost_device_keys import HOLD_AFTER_RESET
from twofa.models import Reset, TemporaryCode


class HoldReason(models.TextChoices):
    FACTOR_RESET = "factor_reset", _("support switched a second factor off")
    TEMPORARY_CODE = "temporary_code", _("Code from support")
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
        (HoldReason.TEMPORARY_CODE, _after_newest_code(user)),
        (HoldReason.CONTACT_CHANGED, contact_held_until(user)),
    )
    holds = [Hold(reason, until) for reason, until in found if until]
    return sorted(holds, key=lambda hold: hold.until, reverse=True)


def _after_newest_reset(user: User) -> datetime | None:
    held = Reset.objects.filter(user=user, hold_until__gt=timezone.now())
    return held.order_by("-hold_until").values_list("hold_until", flat=True).first()


def _after_newest_code(user: User) -> datetime | None:
    """Whoever signed in by it may have enabled a factor in place of the lost one."""
    at = timezone.now()
    since = at - timedelta(seconds=HOLD_AFTER_RESET())
    used = TemporaryCode.objects.filter(user=user, used_at__gt=since)
    newest = used.order_by("-used_at").values_list("used_at", flat=True).first()
    return newest + (at - since) if newest else None
