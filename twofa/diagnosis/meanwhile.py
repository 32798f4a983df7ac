"""What works for a client while a method does not: said only of what is enabled for him."""

from django.utils.translation import gettext_lazy as _

from twofa.diagnosis.facts import Facts
from twofa.diagnosis.words import Words
from twofa.vocabulary import FactorKind

_WAYS = {
    FactorKind.AUTHENTICATOR: _("Please use your authenticator app meanwhile."),
    FactorKind.SMS: _("Please use a code by text message meanwhile."),
    FactorKind.RECOVERY: _("One of your recovery codes works meanwhile."),
}
_NONE = _("If it stays so, we set up another way to sign in together.")


def meanwhile(facts: Facts, without: FactorKind | None) -> Words:
    """A sentence for the client, who cannot use the factor `without`."""
    return other_way(facts, without) or _NONE


def other_way(facts: Facts, without: FactorKind | None) -> Words:
    """The same, or "" where there is no other way."""
    usable = [kind for kind in (FactorKind.AUTHENTICATOR, FactorKind.SMS) if _works(facts, kind)]
    if facts.devices.codes_left:
        usable.append(FactorKind.RECOVERY)
    way = next((kind for kind in usable if kind != without), None)
    return _WAYS[way] if way else ""


def _works(facts: Facts, kind: FactorKind) -> bool:
    return kind in facts.enabled and kind in facts.methods
