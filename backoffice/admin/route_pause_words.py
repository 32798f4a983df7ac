"""A pause of a route in the words of the Back Office."""

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin.display import Tone, chip
from smsproviders.models import PauseReason, RoutePause, RouteScope
from smsproviders.policy_keys import SPEND_CURRENCY
from smsproviders.prefixes import LAST_DIGITS

TONES = {
    PauseReason.LOW_CONVERSION: Tone.WARN,
    PauseReason.FRAUD_HOLD: Tone.BAD,
    PauseReason.SPEND_CAP: Tone.BAD,
}


def route_words(pause: RoutePause) -> str:
    """`+3361234••••`, `all of FR`, or `all countries`."""
    match RouteScope(pause.scope):
        case RouteScope.PREFIX:
            return pause.route + "•" * LAST_DIGITS
        case RouteScope.COUNTRY:
            return _("all of %(country)s") % {"country": pause.route}
        case RouteScope.EVERYWHERE:
            return _("all countries")


def reason_chip(pause: RoutePause) -> SafeString:
    reason = PauseReason(pause.reason)
    return chip(reason.label, TONES[reason])


def evidence_of(pause: RoutePause) -> str:
    """What it rests on, in numbers."""
    match PauseReason(pause.reason):
        case PauseReason.LOW_CONVERSION:
            codes = {"typed": pause.typed, "sends": pause.sends}
            return _("%(typed)s of %(sends)s codes typed") % codes
        case PauseReason.FRAUD_HOLD:
            refused = {"provider": pause.provider_caption, "code": pause.error_code}
            return _("%(provider)s, error %(code)s") % refused
        case PauseReason.SPEND_CAP:
            money = {
                "spent": f"{pause.spent:.2f}",
                "cap": f"{pause.cap:.2f}",
                "currency": SPEND_CURRENCY(),
            }
            return _("%(spent)s of %(cap)s %(currency)s in the hour") % money
