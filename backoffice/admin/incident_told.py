"""What an operator tells a client whom an incident hits: why, how long, what helps.

Read out, or pasted into an answer. It names no provider and no carrier: to the client it is our
service that fails.
"""

from datetime import timedelta
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsproviders.models import Incident, IncidentKind, IncidentOwner
from twofa.diagnosis.words import clock, length

# So many like it tell how long one takes; the newest of more.
LEAST, MOST = 3, 20
_FAULTS = {
    IncidentOwner.OPERATOR: gettext_lazy("The fault is ours, and we are mending it."),
    IncidentOwner.PLATFORM: gettext_lazy("The fault is ours, and we are mending it."),
    IncidentOwner.PROVIDER: gettext_lazy(
        "The fault is at the company that sends our text messages, not in your phone."
    ),
    IncidentOwner.CARRIER: gettext_lazy("The fault is in the mobile network, not in your phone."),
    IncidentOwner.UNKNOWN: gettext_lazy("You are not the only one, and we are finding out why."),
}


def sentences(incident: Incident) -> list[str]:
    """In order; whole sentences, one thought each."""
    if not incident.is_open:
        return [
            _("Our text messages with codes were in trouble from %(begin)s to %(end)s.")
            % {"begin": clock(incident.began_at), "end": clock(incident.last_bad_at)},
            _("That is over. Please ask for a new code now."),
        ]
    trouble = _("Since %(time)s text messages with codes are late or do not arrive.")
    return [
        trouble % {"time": clock(incident.began_at)},
        str(_FAULTS[IncidentOwner(incident.owner)]),
        _how_long(incident),
        _("An authenticator app or a recovery code lets you in without a text message."),
        _("If you have neither, tell me: once I know that it is you, we can give you a code."),
    ]


def _how_long(incident: Incident) -> str:
    usual = _usual(incident)
    if usual is None:
        return _("How long it takes I cannot say yet.")
    return _("As a rule this takes about %(time)s.") % {"time": length(usual)}


def _usual(incident: Incident) -> timedelta | None:
    """The median of those alike that are over; None where too few are known."""
    alike = Incident.objects.filter(
        kind=IncidentKind(incident.kind),
        owner=incident.owner,
        closed_at__isnull=False,
        part_of=None,
    )
    ends = alike.order_by("-last_bad_at").values_list("began_at", "last_bad_at")[:MOST]
    took = [(end - begin).total_seconds() for begin, end in ends]
    return timedelta(seconds=median(took)) if len(took) >= LEAST else None
