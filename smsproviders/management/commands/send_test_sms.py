import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from backoffice.common.masking import mask_phone
from smsproviders import trial_sends
from smsproviders.management.cli import ACTOR, WRONG_USAGE, find_provider, in_words, print_json
from smsproviders.models import SmsMessage
from smsproviders.vocabulary import MessageState

LOOK_EVERY_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Sends a real test SMS through one provider, enabled or not, and follows it to its receipt."
        " Ends with 0 once the provider took it, with 1 when it failed or waits at the end."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("number", metavar="+E164")
        parser.add_argument(
            "--wait", type=_seconds, default=30.0, metavar="SECONDS", help="at most"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        provider = find_provider(options["name"])
        try:
            message = trial_sends.start(provider, options["number"], actor=ACTOR)
        except ValidationError as error:
            raise CommandError(in_words(error), returncode=WRONG_USAGE) from None
        self.stderr.write(f"Test SMS to {mask_phone(message.number)} through {provider.name} …")
        seen = self._follow(message, seconds=options["wait"])
        if options["json"]:
            print_json(self, {"provider": provider.name, **seen.as_json()})
        else:
            self.stdout.write(_sentence(seen))
        if not seen.arrives and (options["wait"] or seen.is_over):
            raise CommandError(_reason(seen, waited=options["wait"]))

    def _follow(self, message: SmsMessage, *, seconds: float) -> trial_sends.Progress:
        """Until nothing more can come, or the time is over; each new state is told."""
        end = time.monotonic() + seconds
        seen = trial_sends.progress(message)
        while not seen.is_over and time.monotonic() < end:
            time.sleep(LOOK_EVERY_SECONDS)
            before, seen = seen, trial_sends.progress(message)
            if seen.state != before.state:
                self.stderr.write(f"  {seen.state_words}")
        return seen


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise ArgumentTypeError("a number of seconds from 0 to 3600")
    return seconds


def _sentence(seen: trial_sends.Progress) -> str:
    parts = [seen.state_words, seen.provider_message_id, seen.error_code, seen.error_words]
    return ", ".join(part for part in parts if part)


def _reason(seen: trial_sends.Progress, *, waited: float) -> str:
    if seen.state == MessageState.QUEUED and not seen.error_code:
        return f"No worker has taken the message within {waited:g} s: is one running?"
    why = seen.error_words or seen.cause
    return f"The message did not leave: {seen.state}{f' ({why})' if why else ''}."
