import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backoffice.audit import log
from clients.models import User
from clients.users import normalise
from twofa import log_actions, verdict_showing
from twofa.diagnosis import moments, presenting
from twofa.diagnosis.diagnosing import diagnose
from twofa.diagnosis.findings import OK, Diagnosis
from twofa.diagnosis.vocabulary import Result
from twofa.texts import language_of

MARKS = {Result.OK: "ok", Result.PROBLEM: "!!", Result.UNKNOWN: "??"}


class Command(BaseCommand):
    help = "Tells why a client's codes do not work: what, since when, whose fault, what proves it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument(
            "--at",
            metavar="REFERENCE",
            help="as of the moment that a page's reference stands for",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        user = User.objects.filter(email=normalise(options["email"])).first()
        if user is None:
            raise CommandError(f"There is no client {options['email']}.", returncode=2)
        diagnosis = diagnose(user, at=self._moment(user, options["at"]))
        log.record(
            log_actions.DIAGNOSED,
            actor=log_actions.COMMAND,
            subject=log_actions.subject(user),
            facts={"verdict": diagnosis.verdict},
        )
        verdict_showing.show(diagnosis, operator=None)
        if options["json"]:
            found = presenting.as_json(diagnosis, language=language_of(user))
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
        else:
            self._tell(diagnosis, language_of(user))

    def _moment(self, user: User, reference: str | None) -> datetime | None:
        if reference is None:
            return None
        moment = moments.of(reference)
        if moment is None or moment.user_id != user.pk:
            raise CommandError(f"No trouble of {user.email} has the reference {reference}.")
        return moment.at

    def _tell(self, diagnosis: Diagnosis, language: str) -> None:
        style = self.style.SUCCESS if diagnosis.verdict == OK else self.style.ERROR
        lines = presenting.as_text(diagnosis).splitlines()
        self.stdout.write(lines[0])
        self.stdout.write(style(lines[1]))
        for line in lines[2:]:
            is_bad = line.strip().startswith(MARKS[Result.PROBLEM])
            self.stdout.write(self.style.WARNING(line) if is_bad else line)
        for one in diagnosis.findings[:1]:
            before, after = one.tell(language)
            self.stdout.write(f"Tell the client: {before}\nOnce identified: {after}")
