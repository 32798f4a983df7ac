import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from backoffice.development.demo import seeding
from backoffice.development.demo.people import CLIENTS, OPERATORS


class Command(BaseCommand):
    help = "Adds demo operators, clients, SMS providers and a text; what is there already stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="also without DEBUG")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "Demo accounts share one password: they are added with DEBUG=1 only, "
                "or with --force."
            )
        password = seeding.password(settings.VAR_DIR)
        total = len(CLIENTS) + len(OPERATORS) + 3
        bar = tqdm(
            seeding.seed(password), total=total, desc="Demo data", file=self.stderr, disable=None
        )
        added = sum(1 for _ in bar)
        if options["json"]:
            self.stdout.write(json.dumps({"added": added}))
        else:
            self.stdout.write(f"Demo data: {added} added." if added else "Demo data: all there.")
