import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from smsproviders import configuring
from smsproviders.backends import UnknownBackend, available, backend_class
from smsproviders.management.cli import ACTOR, WRONG_USAGE, in_words, print_json
from smsproviders.provider_fields import ProviderFields


class Command(BaseCommand):
    help = (
        "Adds an SMS provider. Settings are given as --set KEY=VALUE; secrets by --set-stdin KEY, "
        "one line of standard input each, since arguments can be read in the list of processes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backend", metavar="BACKEND", help=f"one of: {', '.join(available())}")
        parser.add_argument("--caption", required=True, help="what operators call it")
        parser.add_argument(
            "--name", default="", metavar="SLUG", help="made of the caption if left out"
        )
        parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="given")
        parser.add_argument(
            "--set-stdin", action="append", default=[], metavar="KEY", dest="hidden"
        )
        parser.add_argument("--sender", default="", help="number or name that messages come from")
        parser.add_argument("--priority", type=int, default=10, help="the lowest is tried first")
        parser.add_argument(
            "--countries", default="", metavar="CC,…", help="served; all if left out"
        )
        parser.add_argument(
            "--rate",
            type=float,
            default=None,
            metavar="N",
            help="messages per second that the account may send",
        )
        parser.add_argument("--disabled", action="store_true")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        fields = ProviderFields(
            caption=options["caption"],
            backend=options["backend"],
            name=options["name"],
            enabled=not options["disabled"],
            priority=options["priority"],
            senders={"": options["sender"]},
            countries=options["countries"].split(","),
            messages_per_second=options["rate"],
            credentials=_settings(options["backend"], options["given"], options["hidden"]),
        )
        try:
            provider = configuring.create(fields, actor=ACTOR)
        except ValidationError as error:
            raise CommandError(in_words(error)) from None
        if options["json"]:
            facts = {"id": provider.pk, "name": provider.name, "caption": provider.caption}
            more = {"backend": provider.backend, "enabled": provider.enabled}
            print_json(self, facts | more)
            return
        state = "enabled" if provider.enabled else "disabled"
        self.stdout.write(f"SMS provider {provider.name} added, {state}.")
        self.stderr.write(f"Next: python manage.py check_sms_provider {provider.name}")


def _settings(backend: str, given: list[str], hidden: list[str]) -> dict[str, str]:
    """The backend's settings by key; a wrong key is wrong usage, told before a secret is read."""
    try:
        known = backend_class(backend).settings_form.base_fields
    except UnknownBackend as error:
        raise CommandError(str(error), returncode=WRONG_USAGE) from None
    pairs = [_pair(text) for text in given]
    keys = [*(key for key, _value in pairs), *hidden]
    if unknown := [key for key in keys if key not in known]:
        raise CommandError(
            f"{backend} has no setting {', '.join(unknown)}. There are: {', '.join(known)}.",
            returncode=WRONG_USAGE,
        )
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise CommandError(f"Given twice: {', '.join(sorted(twice))}.", returncode=WRONG_USAGE)
    return dict(pairs) | {key: _line_of_stdin(key) for key in hidden}


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise CommandError(f"--set takes KEY=VALUE, not {key!r}.", returncode=WRONG_USAGE)
    return key.strip(), value.strip()


def _line_of_stdin(key: str) -> str:
    line = sys.stdin.readline().strip()
    if not line:
        raise CommandError(f"--set-stdin {key}: standard input has no line for it.")
    return line
