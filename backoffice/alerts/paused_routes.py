"""Operators are told of routes that were paused: all that is new in one e-mail, now and then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.admin.route_pause_words import evidence_of, route_words
from backoffice.alerts.operators import Alert, tell_operators
from backoffice.common import advisory_locks
from smsproviders.models import PauseReason, RoutePause

# A fraud that dials through many prefixes must not fill mailboxes.
QUIET = timedelta(minutes=15)
NAMED = 10
SPENT = Q(reason=PauseReason.SPEND_CAP)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who can do something about which pauses, where, and what."""

    permission: str
    pauses: Q
    page: str
    to_do: Promise


AUDIENCES = (
    Audience(
        "smsproviders.lift_pause",
        ~SPENT,
        "admin:smsproviders_routepause_changelist",
        gettext_lazy(
            "Look whether these are people: lift the pause if so. If it is fraud, find out which "
            "accounts ask for the codes, and block them."
        ),
    ),
    Audience(
        "policy.change_systemsetting",
        SPENT,
        "admin:policy_systemsetting_changelist",
        gettext_lazy(
            "Look what the money went to. Raise the cap in Settings if it was for people."
        ),
    ),
)


def tell_new() -> int:
    """How many pauses were told. Two at once tell nothing twice."""
    return sum(_tell(audience) for audience in AUDIENCES)


@transaction.atomic
def _tell(audience: Audience) -> int:
    advisory_locks.hold(f"telling of pauses {audience.permission}")
    now = timezone.now()
    theirs = RoutePause.objects.filter(audience.pauses)
    new = list(theirs.filter(told_at=None, lifted_at=None, ends_at__gt=now))
    if not new or theirs.filter(told_at__gt=now - QUIET).exists():
        return 0
    tell_operators(audience.permission, _alert(audience, new))
    return theirs.filter(pk__in=[pause.pk for pause in new]).update(told_at=now)


def _alert(audience: Audience, new: Sequence[RoutePause]) -> Alert:
    return Alert(
        about=gettext_lazy("SMS"),
        title=lazy(_title, str)(new),
        what=lazy(_what, str)(new),
        to_do=audience.to_do,
        since=min(pause.began_at for pause in new),
        path=reverse(audience.page),
    )


def _title(new: Sequence[RoutePause]) -> str:
    if new[0].reason == PauseReason.SPEND_CAP:
        return _("the money of the hour is spent")
    return ngettext("a route is paused", "%(count)d routes are paused", len(new)) % {
        "count": len(new)
    }


def _what(new: Sequence[RoutePause]) -> str:
    """Each with its reason and its end; of many the first."""
    told = [_one(pause) for pause in new[:NAMED]]
    if len(new) > NAMED:
        told.append(_("and %(count)d more.") % {"count": len(new) - NAMED})
    return " ".join([_("No codes by SMS go there for now."), *told])


def _one(pause: RoutePause) -> str:
    return _("%(route)s: %(reason)s (%(evidence)s), until %(until)s UTC.") % {
        "route": route_words(pause),
        "reason": PauseReason(pause.reason).label,
        "evidence": evidence_of(pause),
        "until": f"{pause.ends_at:%Y-%m-%d %H:%M}",
    }
