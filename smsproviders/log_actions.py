"""What the log calls the acts upon providers."""

from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from smsproviders.models import SmsProvider

PROVIDER_CREATED = log.action("provider.created", _("SMS provider created"))
PROVIDER_CHANGED = log.action("provider.changed", _("SMS provider changed"))
PROVIDER_ENABLED = log.action("provider.enabled", _("SMS provider enabled"))
PROVIDER_DISABLED = log.action("provider.disabled", _("SMS provider disabled"))
PROVIDER_DELETED = log.action("provider.deleted", _("SMS provider deleted"))
PROVIDER_CHECKED = log.action("provider.checked", _("SMS provider checked"))
HEALTH_CHANGED = log.action("provider.health_changed", _("Health of an SMS provider changed"))
BREAKER_RESET = log.action("provider.breaker_reset", _("Breaker of an SMS provider reset"))
ROUTE_PAUSED = log.action("route.paused", _("Route of SMS paused"))
PAUSE_LIFTED = log.action("route.pause_lifted", _("Pause of a route lifted"))
INCIDENT_OPENED = log.action("incident.opened", _("Incident opened"))
INCIDENT_CLOSED = log.action("incident.closed", _("Incident over"))
INCIDENT_NOTED = log.action("incident.noted", _("Note of an incident written"))
TEST_SMS_SENT = log.action("provider.test_sms_sent", _("Test SMS sent"))


def subject_of(provider: SmsProvider) -> str:
    return f"provider:{provider.pk}"
