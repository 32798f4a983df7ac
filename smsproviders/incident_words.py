"""An incident in words: what fails, where."""

from django.utils.translation import gettext as _

from smsproviders.models import Incident, IncidentKind


def place(incident: Incident) -> str:
    """`to FR by Twilio`, `to +62812…`, `by Twilio`; "" when it is everywhere."""
    to = f"{incident.prefix}…" if incident.prefix else incident.country
    by = incident.provider_caption
    if to and by:
        return _("to %(number)s by %(provider)s") % {"number": to, "provider": by}
    if to:
        return _("to %(number)s") % {"number": to}
    return _("by %(provider)s") % {"provider": by} if by else ""


def what(incident: Incident) -> str:
    """What became of those that went wrong: `failed`."""
    match IncidentKind(incident.kind):
        case IncidentKind.FAILURES:
            return _("failed")
        case IncidentKind.RECEIPTS:
            return _("got no receipt")
        case IncidentKind.CONVERSION:
            return _("were not typed")
        case IncidentKind.QUEUE:
            return _("waited too long in our own queue")


def headline(incident: Incident) -> str:
    """`41 of 60 sends to FR by Twilio failed`."""
    words = _("%(failed)d of %(all)d sends %(where)s %(what)s") % {
        "failed": incident.failed,
        "all": incident.sends,
        "where": place(incident),
        "what": what(incident),
    }
    return " ".join(words.split())
