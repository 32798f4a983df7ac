"""What a factor's card tells: since when, last used, how many left."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from backoffice.common.masking import phone_ending
from twofa.direction import left_to_right
from twofa.results import FactorFacts
from twofa.vocabulary import FactorKind


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str = ""
    at: datetime | None = None


def facts_of(factor: FactorFacts) -> list[Fact]:
    """In the order in which the page shows them; nothing for a factor that is off."""
    if not factor.enabled:
        return []
    facts = []
    if factor.number:
        facts.append(Fact(_("Number"), left_to_right(phone_ending(factor.number))))
    if factor.kind is FactorKind.RECOVERY:
        facts.append(Fact(_("Made"), at=factor.since))
    else:
        facts.append(Fact(_("On since"), at=factor.since))
    facts.append(_last_used(factor))
    return facts


def _last_used(factor: FactorFacts) -> Fact:
    if factor.last_used_at is None:
        return Fact(_("Last used"), _("never"))
    return Fact(_("Last used"), at=factor.last_used_at)
