"""An incident in the words of the Back Office."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin.display import Tone, chip
from smsproviders.models import Incident, IncidentKind, IncidentOwner
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.vocabulary import CauseId
from twofa.diagnosis.words import raw_code

OWNER_TONES = {
    IncidentOwner.OPERATOR: Tone.BAD,
    IncidentOwner.PLATFORM: Tone.BAD,
    IncidentOwner.PROVIDER: Tone.WARN,
    IncidentOwner.CARRIER: Tone.WARN,
    IncidentOwner.UNKNOWN: Tone.CALM,
}


def state_chip(incident: Incident) -> SafeString:
    if not incident.is_open:
        return chip(_("Over"), Tone.OK)
    return chip(_("Goes on"), Tone.BAD if incident.is_felt else Tone.WARN)


def owner_chip(incident: Incident) -> SafeString:
    owner = IncidentOwner(incident.owner)
    return chip(owner.label, OWNER_TONES[owner])


def where(incident: Incident) -> str:
    """`FR`, `+62812…`, `Twilio`; with the provider where both are common to it."""
    to = f"{incident.prefix}…" if incident.prefix else incident.country
    by = incident.provider_caption
    if to and by:
        return _("%(number)s by %(provider)s") % {"number": to, "provider": by}
    return to or by or _("Everywhere")


def why(incident: Incident) -> str:
    """What most of the failures say; else what it was found by."""
    if not incident.cause:
        return str(IncidentKind(incident.kind).label).capitalize()
    code = raw_code(incident.provider_caption, incident.error_code)
    return f"{CATALOGUE[CauseId(incident.cause)].title}{code}"


def usual(incident: Incident) -> str:
    """`2 %`; "" where too little is known."""
    if not incident.usual_sends:
        return ""
    percent = 100 * incident.usual_failed / incident.usual_sends
    return f"{percent:.1f} %" if 0 < percent < 10 else f"{percent:.0f} %"


def felt(incident: Incident) -> str:
    if not incident.hit:
        return _("Nobody is without a code: other providers do it.")
    if incident.is_open and incident.is_felt:
        return _("Clients notice: the page that asks for their code says that it is delayed.")
    if incident.is_open:
        return _("Few clients notice now.")
    return ""
