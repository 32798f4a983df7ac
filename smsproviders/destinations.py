"""Countries and the senders used there, as operators give them."""

from collections.abc import Iterable, Mapping

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SENDER_LENGTH = 50


def clean_countries(given: Iterable[str]) -> list[str]:
    """Known country codes in capitals, each once, in order."""
    codes = sorted({code.strip().upper() for code in given} - {""})
    _refuse_unknown(codes)
    return codes


def clean_senders(given: Mapping[str, str]) -> dict[str, str]:
    """Senders by country code, "" for the default one; those left blank are dropped."""
    senders = {
        country.strip().upper(): sender.strip()
        for country, sender in given.items()
        if sender.strip()
    }
    _refuse_unknown(code for code in senders if code)
    if any(len(sender) > SENDER_LENGTH or not sender.isprintable() for sender in senders.values()):
        raise ValidationError(_("A sender is a number or a name of a few letters."))
    return senders


def _refuse_unknown(codes: Iterable[str]) -> None:
    unknown = [code for code in codes if code not in phonenumbers.SUPPORTED_REGIONS]
    if unknown:
        raise ValidationError(
            _("Not a country code of two letters, such as GB: %(codes)s."),
            params={"codes": ", ".join(unknown)},
        )
