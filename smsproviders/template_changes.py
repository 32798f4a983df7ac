"""Changing the texts of SMS: one way for pages and commands; validated and logged."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from smsproviders import templating, text_kinds
from smsproviders.models import SmsTemplate
from smsproviders.template_rules import cleaned, problems

TEMPLATE_CHANGED = log.action("template.changed", _("SMS template changed"))
CHANGED_MEANWHILE = _("Somebody changed this text meanwhile. Nothing was saved: look at it first.")


def change(
    purpose: str, language: str, text: str, *, actor: log.Actor, seen: str | None = None
) -> bool:
    """Whether anything changed. A text that is the built-in one is not kept as one's own.

    `seen` is the own text as it was when it was edited ("" for none). ValidationError under "text"
    when the text cannot work, or is another one than was seen.
    """
    kind, text = text_kinds.get(purpose), cleaned(text)
    found = problems(kind, text)
    if found:
        raise ValidationError({"text": [one.words for one in found]})
    own = "" if text == kind.built_in.get(language) else text
    return _set(purpose, language, own, actor=actor, seen=seen)


def back_to_built_in(purpose: str, language: str, *, actor: log.Actor) -> bool:
    """Whether there was an own text to give up."""
    return _set(text_kinds.get(purpose).purpose, language, "", actor=actor, seen=None)


def _set(purpose: str, language: str, text: str, *, actor: log.Actor, seen: str | None) -> bool:
    with transaction.atomic():
        rows = SmsTemplate.objects.filter(purpose=purpose, language=language)
        row = rows.select_for_update().first()
        before = row.text if row else ""
        # A form sends other line ends than are kept.
        if seen is not None and cleaned(seen) != cleaned(before):
            raise ValidationError({"text": [CHANGED_MEANWHILE]})
        if text == before:
            return False
        if text:
            _store(row or SmsTemplate(purpose=purpose, language=language), text, actor)
        else:
            rows.delete()
        log.record(
            TEMPLATE_CHANGED,
            actor=actor,
            subject=templating.subject_of(purpose, language),
            facts={"purpose": purpose, "language": language, "before": before, "after": text},
        )
        # Both times: this transaction must read its own change, and nobody a rolled-back one.
        templating.forget()
    transaction.on_commit(templating.forget)
    return True


def _store(row: SmsTemplate, text: str, actor: log.Actor) -> None:
    row.text, row.changed_at, row.changed_by = text, timezone.now(), actor.id
    row.skipped_since = None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # another process wrote the first own text at the same time
        raise ValidationError({"text": [CHANGED_MEANWHILE]}) from None
