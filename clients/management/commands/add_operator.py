import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clients.adding import add_operator
from clients.management import invitation, password
from clients.management.errors import in_one_line
from clients.management.invitation import COMMAND


class Command(BaseCommand):
    help = (
        "Adds an operator, who must enrol a second factor at first sign-in, and without a password "
        "is invited by e-mail to choose one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--group", action="append", default=[], metavar="G")
        parser.add_argument("--password-stdin", action="store_true")
        invitation.add_argument(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        chosen = password.read(from_stdin=options["password_stdin"])
        try:
            with transaction.atomic():
                user = add_operator(
                    options["email"], groups=options["group"], password=chosen, actor=COMMAND
                )
                invited = invitation.send(user, options)
        except ValidationError as error:
            raise CommandError(in_one_line(error)) from None
        groups = sorted(user.groups.values_list("name", flat=True))
        if options["json"]:
            facts = {
                "user": str(user.pk),
                "email": user.email,
                "groups": groups,
                "invited": invited,
            }
            self.stdout.write(json.dumps({**facts, "invited": invited}))
            return
        self.stdout.write(
            f"Operator added: {user.email} ({', '.join(groups) or 'in no group: may see nothing'})."
        )
        if chosen is None:
            self.stderr.write(invitation.words(invited))
