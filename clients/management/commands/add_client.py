import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backoffice.common.masking import mask_phone
from clients.adding import NewClient, add_client
from clients.management import invitation, password
from clients.management.errors import in_one_line
from clients.management.invitation import COMMAND


class Command(BaseCommand):
    help = "Adds a client, who without a password is invited by e-mail to choose one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="")
        parser.add_argument("--phone", default="", metavar="+E164")
        parser.add_argument("--country", default="", metavar="CC")
        parser.add_argument("--language", default="en", metavar="L")
        parser.add_argument("--password-stdin", action="store_true")
        invitation.add_argument(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        new = NewClient(
            email=options["email"],
            name=options["name"],
            phone=options["phone"],
            country=options["country"],
            language=options["language"],
            password=password.read(from_stdin=options["password_stdin"]),
        )
        try:
            with transaction.atomic():
                client = add_client(new, actor=COMMAND)
                invited = invitation.send(client.user, options)
        except ValidationError as error:
            raise CommandError(in_one_line(error)) from None
        if options["json"]:
            user = {"user": str(client.user_id), "email": client.user.email}
            self.stdout.write(json.dumps({"id": client.pk, **user, "invited": invited}))
            return
        phone = f", {mask_phone(str(client.phone))}" if client.phone else ""
        self.stdout.write(f"Client {client.pk} added: {client.user.email}{phone}.")
        if new.password is None:
            self.stderr.write(invitation.words(invited))
