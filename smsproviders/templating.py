"""Which text is sent for a purpose in a language.

An operator's own text in the person's language; the built-in one in that language; the operator's
own in the default language (LANGUAGE_CODE); the built-in one there; the built-in English. A variant
of a language (pt-br) counts as the language where it has no text of its own.

An own text that cannot work (changed in the database, or too long since a rule was changed) is
passed over: no sign-in waits for a template. That is told in Logs, once.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.audit.models import Outcome
from smsproviders import text_kinds
from smsproviders.models import SmsTemplate
from smsproviders.template_rules import Problem, problems
from smsproviders.text_kinds import LAST_RESORT, TextKind, UnknownPurpose, nearest
from smsproviders.vocabulary import Cause

logger = logging.getLogger(__name__)

TEMPLATE_SKIPPED = log.action("template.skipped", _("SMS template cannot be used"))
TEMPLATE_USED_AGAIN = log.action("template.used_again", _("SMS template is used again"))

# Another process sends a changed text after at most so long; this one at once.
SECONDS = 2.0
OwnTexts: TypeAlias = Mapping[tuple[str, str], SmsTemplate]

_kept: tuple[float, OwnTexts] | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """An own text that was looked at, and what is wrong with it: it is used when nothing is."""

    template: SmsTemplate
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The text that is sent, and the language it is in."""

    text: str
    language: str
    is_own: bool
    tried: list[Tried] = field(default_factory=list)


def text_for(purpose: str, *, language: str) -> str:
    """The text to send, with its placeholders. Writes down an own text that cannot be used."""
    chosen = choose(text_kinds.get(purpose), language, own_texts())
    for one in chosen.tried:
        _note(one)
    return chosen.text


def choose(kind: TextKind, language: str, own: OwnTexts) -> Chosen:
    tried: list[Tried] = []
    for wanted in (nearest(language), nearest(settings.LANGUAGE_CODE)):
        for one in wanted:
            if template := own.get((kind.purpose, one)):
                tried.append(Tried(template, problems(kind, template.text)))
                if not tried[-1].problems:
                    return Chosen(template.text, one, True, tried)
        for one in wanted:
            if one in kind.built_in:
                return Chosen(kind.built_in[one], one, False, tried)
    return Chosen(kind.built_in[LAST_RESORT], LAST_RESORT, False, tried)


def unusable() -> list[Tried]:
    """Every own text that cannot be used now: the evidence for `sms.template_broken`."""
    found = (_tried(template) for template in own_texts().values())
    return [one for one in found if one and one.problems]


def own_texts() -> OwnTexts:
    """By purpose and language; one query, kept for a moment."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > SECONDS:
        rows: Iterable[SmsTemplate] = SmsTemplate.objects.all()
        _kept = (time.monotonic(), {(row.purpose, row.language.lower()): row for row in rows})
    return _kept[1]


def forget() -> None:
    """Read from the database again next time."""
    global _kept
    _kept = None


def subject_of(purpose: str, language: str) -> str:
    """What the log calls a template."""
    return f"template:{purpose}:{language}"


def _tried(template: SmsTemplate) -> Tried | None:
    try:
        kind = text_kinds.get(template.purpose)
    except UnknownPurpose:
        return None
    return Tried(template, problems(kind, template.text))


def _note(tried: Tried) -> None:
    """Tell when a text begins to be passed over, and when it ends, in the caller's transaction."""
    template, broken = tried.template, bool(tried.problems)
    if broken == (template.skipped_since is not None):
        return
    # Conditional: of the senders who find it at the same time, one tells; none does of a text that
    # was mended meanwhile.
    rows = SmsTemplate.objects.filter(
        pk=template.pk, text=template.text, skipped_since__isnull=broken
    )
    if not rows.update(skipped_since=timezone.now() if broken else None):
        return
    facts = {"purpose": template.purpose, "language": template.language}
    if broken:
        facts |= {"cause": Cause.TEMPLATE_BROKEN, "problem": tried.problems[0].fault.value}
        logger.warning("an SMS template cannot be used", extra=facts)
    log.record(
        TEMPLATE_SKIPPED if broken else TEMPLATE_USED_AGAIN,
        actor=log.SYSTEM,
        subject=subject_of(template.purpose, template.language),
        outcome=Outcome.FAILED if broken else Outcome.DONE,
        facts=facts,
    )
