import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients.models import User
from clients.users import normalise
from twofa import resets
from twofa.models.reset import ResetScope
from twofa.resets import NotDone
from twofa.results import ResetDone
from twofa.vocabulary import FactorKind

WHY_NOT = {
    NotDone.NOT_ALLOWED: "That operator may not disable this user's second factor.",
    NotDone.OWN_FACTOR: "Operators cannot reset their own second factor.",
    NotDone.REASON_MISSING: "A reason is needed: --reason.",
    NotDone.NOT_REQUESTED: (
        "This removes a layer of protection, and is done only at the client's explicit request "
        "and under the client's responsibility. Confirm it with --client-request."
    ),
    NotDone.HELD: "An operator changed the user's e-mail or phone within a day: resets are held.",
    NotDone.CALLER_NOT_IDENTIFIED: (
        "That operator has not identified the caller by support PIN or approval, as System > "
        "Settings asks for. Do it on the client's page, or leave --by out."
    ),
    NotDone.DENIED_BY_CLIENT: (
        "The client said within a day that it was not the client who asked. Let the client read "
        "out a support PIN, or leave --by out."
    ),
    NotDone.PROOFS_MISSING: (
        "The client's request about a lost device is open, and not every proof is ticked. Tick "
        "them on its page, or leave --by out."
    ),
    NotDone.TOO_EARLY: (
        "The client's request about a lost device is too young. Wait, or leave --by out."
    ),
    NotDone.TOO_MANY: "That operator has reached the limit of resets an hour.",
}


class Command(BaseCommand):
    help = "Disables a user's second factor, under the same rules and log as the Back Office."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--factor", required=True, choices=ResetScope.values)
        parser.add_argument("--reason", required=True, help="why, as it will stand in the log")
        parser.add_argument("--ticket", default="", help="number of the support ticket")
        parser.add_argument(
            "--by", metavar="EMAIL", help="the operator who acts; without it, the command line"
        )
        parser.add_argument(
            "--client-request",
            action="store_true",
            help="the client asked for this and was identified",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        user = _user(options["email"])
        result = resets.disable(
            user,
            ResetScope(options["factor"]),
            operator=_user(options["by"]) if options["by"] else None,
            reason=options["reason"],
            ticket=options["ticket"],
            client_request=options["client_request"],
        )
        if isinstance(result, NotDone) and result is not NotDone.NOTHING_TO_DO:
            raise CommandError(WHY_NOT[result])
        removed = result.removed if isinstance(result, ResetDone) else ()
        ended = result.sessions_ended if isinstance(result, ResetDone) else 0
        if options["json"]:
            facts = {"email": user.email, "removed": list(removed), "sessions_ended": ended}
            self.stdout.write(json.dumps(facts))
        else:
            self.stdout.write(_in_words(user, removed, ended))


def _in_words(user: User, removed: tuple[FactorKind, ...], ended: int) -> str:
    if not removed:
        return f"Nothing to disable for {user.email}."
    names = ", ".join(str(kind.label) for kind in removed)
    return f"Disabled for {user.email}: {names}. Sessions ended: {ended}."


def _user(email: str) -> User:
    user = User.objects.filter(email=normalise(email)).first()
    if user is None:
        raise CommandError(f"There is no user {email}.")
    return user
