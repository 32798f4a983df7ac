import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients.models import Client
from clients.users import normalise
from twofa import holds
from twofa.views.holds import as_json


class Command(BaseCommand):
    help = "Tells until when grave acts of a client should be held back, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        email = normalise(options["email"])
        client = Client.objects.select_related("user").filter(user__email=email).first()
        if client is None:
            raise CommandError(f"There is no client {email}.")
        found = holds.of(client.user)
        if options["json"]:
            self.stdout.write(json.dumps(as_json(client, found)))
        for hold in [] if options["json"] else found:
            self.stdout.write(f"Held until {hold.until:%Y-%m-%d %H:%M} UTC: {hold.reason.label}.")
        if not found and not options["json"]:
            self.stdout.write(f"No hold for {email}.")
