"""An incident as the log knows it."""

from smsproviders.models import Incident


def subject_of(incident: Incident) -> str:
    return f"incident:{incident.pk}"


def facts_of(incident: Incident) -> dict[str, object]:
    """A prefix is no number: thousands share it."""
    facts = {
        "incident_kind": str(incident.kind),
        "provider": incident.provider_caption,
        "country": incident.country,
        "prefix": incident.prefix,
        "cause": incident.cause,
        "since": incident.began_at.isoformat(timespec="seconds"),
        "sent": incident.sends,
        "failed": incident.failed,
    }
    return {name: value for name, value in facts.items() if value not in ("", None, 0)}
