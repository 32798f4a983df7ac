"""What the commands about providers share: finding one, and telling what went wrong."""

import json
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.core.management.base import BaseCommand, CommandError

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind
from smsproviders.models import SmsProvider

WRONG_USAGE = 2
ACTOR = Actor(ActorKind.COMMAND)


def find_provider(name: str) -> SmsProvider:
    """By its name; an unknown one is wrong usage, with those there are."""
    provider = SmsProvider.objects.filter(name=name).first()
    if provider is None:
        names = ", ".join(SmsProvider.objects.order_by("name").values_list("name", flat=True))
        there_are = f"There are: {names}." if names else "There is none: see add_sms_provider."
        raise CommandError(
            f"No SMS provider is called {name!r}. {there_are}", returncode=WRONG_USAGE
        )
    return provider


def in_words(error: ValidationError) -> str:
    """One reason a line, each with the name of what it is about."""
    return "\n".join(
        reason if field == NON_FIELD_ERRORS else f"{field}: {reason}"
        for field, reasons in error.message_dict.items()
        for reason in reasons
    )


def print_json(command: BaseCommand, facts: dict[str, Any]) -> None:
    command.stdout.write(json.dumps(facts, ensure_ascii=False, default=str))
