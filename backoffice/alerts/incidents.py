"""Operators are told of an incident when it opens and when it is over: once each, what flaps at
intervals. All that is new is one e-mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.alerts.operators import Alert, tell_operators
from backoffice.common import advisory_locks
from smsproviders import incident_words
from smsproviders.models import Incident, IncidentOwner
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.vocabulary import CauseId

# Those whom clients call, and those who can mend it.
PERMISSION = "smsproviders.view_incident"
QUIET = timedelta(minutes=15)
NAMED = 10
OPEN, OVER = "open", "over"
TO_DO = {
    IncidentOwner.OPERATOR: gettext_lazy(
        "Mend the settings: the page of the incident says what is refused, and leads there."
    ),
    IncidentOwner.PROVIDER: gettext_lazy(
        "Put another provider first meanwhile, and ask this one. Write what you learn into the "
        "note of the incident: all operators read it."
    ),
    IncidentOwner.CARRIER: gettext_lazy(
        "Another provider may have another way there: put it first. Else clients need their "
        "authenticator app or a recovery code meanwhile."
    ),
    IncidentOwner.PLATFORM: gettext_lazy("Look whether workers and broker run: start them."),
    IncidentOwner.UNKNOWN: gettext_lazy(
        "Look at the messages. Write what you learn into the note of the incident: all operators "
        "read it."
    ),
}


def tell_changes() -> int:
    """How many changes were told. Two at once tell nothing twice."""
    return _tell(OPEN) + _tell(OVER)


@transaction.atomic
def _tell(state: str) -> int:
    advisory_locks.hold("telling of incidents")
    now = timezone.now()
    new = list(_untold(state, now))
    if new:
        tell_operators(PERMISSION, _alert(state, new))
        Incident.objects.filter(pk__in=[one.pk for one in new]).update(
            told_state=state, told_at=now
        )
    return len(new)


def _untold(state: str, now: datetime) -> Sequence[Incident]:
    """Of what was never told, the end is no news either."""
    quiet = Q(told_at=None) | Q(told_at__lte=now - QUIET)
    rows = Incident.objects.filter(quiet, part_of=None, closed_at__isnull=state == OPEN)
    known = [OVER, ""] if state == OPEN else [OPEN]
    return list(rows.filter(told_state__in=known).order_by("began_at"))


def _alert(state: str, new: Sequence[Incident]) -> Alert:
    is_open = state == OPEN
    return Alert(
        about=gettext_lazy("SMS"),
        title=lazy(_title, str)(new, is_open=is_open),
        what=lazy(_what, str)(new, is_open=is_open),
        to_do=TO_DO[IncidentOwner(new[0].owner)] if is_open else gettext_lazy("Nothing is to do."),
        since=min(one.began_at for one in new),
        path=_path(new),
    )


def _path(new: Sequence[Incident]) -> str:
    if len(new) == 1:
        return reverse("admin:smsproviders_incident_change", args=[new[0].pk])
    return reverse("admin:smsproviders_incident_changelist")


def _title(new: Sequence[Incident], *, is_open: bool) -> str:
    if len(new) == 1:
        line = incident_words.headline(new[0])
        return line if is_open else _("over: %(incident)s") % {"incident": line}
    count = {"count": len(new)}
    if is_open:
        return ngettext("%(count)d incident", "%(count)d incidents", len(new)) % count
    return ngettext("%(count)d incident is over", "%(count)d incidents are over", len(new)) % count


def _what(new: Sequence[Incident], *, is_open: bool) -> str:
    told = [_open(one) if is_open else _over(one) for one in new[:NAMED]]
    if len(new) > NAMED:
        told.append(_("and %(count)d more.") % {"count": len(new) - NAMED})
    return " ".join(told)


def _open(one: Incident) -> str:
    parts = [
        incident_words.headline(one) + ".",
        _("Most of them: %(cause)s.") % {"cause": CATALOGUE[CauseId(one.cause)].title}
        if one.cause
        else "",
        _("Clients notice: a line on the code page tells them.")
        if one.is_felt
        else _("Few clients notice so far."),
    ]
    return " ".join(filter(None, parts))


def _over(one: Incident) -> str:
    return _(
        "%(incident)s, from %(since)s to %(until)s UTC. %(hit)d numbers got no code; who has not "
        "signed in since is told by e-mail, if Settings say so."
    ) % {
        "incident": incident_words.headline(one),
        "since": f"{one.began_at:%Y-%m-%d %H:%M}",
        "until": f"{one.last_bad_at:%H:%M}",
        "hit": one.hit,
    }
