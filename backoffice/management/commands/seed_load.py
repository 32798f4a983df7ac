import json
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from backoffice.development.load.loading import load


class Command(BaseCommand):
    help = (
        "Adds clients and messages in bulk, to see how pages and queries fare at size. Nothing is "
        "sent, and nobody can sign in as one of them unless a password is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--clients", type=int, default=0, metavar="N")
        parser.add_argument("--messages", type=int, default=0, metavar="M")
        parser.add_argument("--seed", type=int, default=1, help="other numbers give other data")
        parser.add_argument("--password-stdin", action="store_true", help="one password for all")
        parser.add_argument("--force", action="store_true", help="also without DEBUG")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        clients, messages = options["clients"], options["messages"]
        self._check(clients, messages, force=options["force"])
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else ""
        began = time.monotonic()
        total = clients + messages
        with tqdm(total=total, desc="Load", unit="", file=self.stderr, disable=None) as bar:
            try:
                for added in load(clients, messages, seed=options["seed"], password=password):
                    bar.update(added)
            except LookupError:
                raise CommandError(
                    "No client gets codes by SMS yet: add some with --clients 1000."
                ) from None
        seconds = round(time.monotonic() - began, 1)
        if options["json"]:
            facts = {"clients": clients, "messages": messages, "seconds": seconds}
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(f"{clients} clients and {messages} messages added in {seconds} s.")

    def _check(self, clients: int, messages: int, *, force: bool) -> None:
        if not settings.DEBUG and not force:
            raise CommandError(
                "These are invented clients in bulk: they are added with DEBUG=1 only, "
                "or with --force."
            )
        if min(clients, messages) < 0 or clients + messages == 0:
            raise CommandError(
                "Say how many: seed_load --clients 10000 --messages 50000", returncode=2
            )
