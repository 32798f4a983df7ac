"""The words of a gateway for how far a message got."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends.generic_http.lines import pairs
from smsproviders.vocabulary import Progress

StatusMap = Mapping[str, Progress]

# `SmsAttempt`'s reports hold no more.
LONGEST_WORD = 30
# What many gateways say; the words in capitals are those of SMPP's receipts.
USUAL = """\
accepted = accepted
queued = accepted
ACCEPTD = accepted
ENROUTE = sent
sent = sent
delivered = delivered
DELIVRD = delivered
undelivered = undelivered
UNDELIV = undelivered
expired = undelivered
rejected = failed
REJECTD = failed
failed = failed"""


def parse_map(text: str) -> StatusMap:
    """ValidationError for a state that there is not. Words count in any case of their letters."""
    found: dict[str, Progress] = {}
    for word, name in pairs(text, between="=", example="DELIVRD = delivered").items():
        try:
            found[folded(word)] = Progress(name.lower())
        except ValueError:
            raise ValidationError(
                _("“%(name)s” is no state. There are: %(known)s."),
                params={"name": name[:60], "known": ", ".join(Progress.values)},
            ) from None
    return found


def folded(word: str) -> str:
    return word[:LONGEST_WORD].casefold()
