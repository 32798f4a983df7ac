from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from smsproviders import health
from smsproviders.contract import Check
from smsproviders.management.cli import ACTOR, find_provider, print_json
from smsproviders.vocabulary import CheckResult


class Command(BaseCommand):
    help = (
        "Asks a provider about credentials, account, balance and sender. "
        "Ends with 1 when one of them is a problem, or could not be asked."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        provider = find_provider(options["name"])
        checks = health.check(provider, actor=ACTOR)
        failed = [one for one in checks if health.is_failed(one)]
        if options["json"]:
            facts = {"provider": provider.name, "enabled": provider.enabled, "ok": not failed}
            print_json(self, {**facts, "checks": [_as_json(one) for one in checks]})
        else:
            for one in checks:
                self.stdout.write(f"{one.kind.label:<12} {self._word(one):<8} {one.words}")
        if failed:
            kinds = ", ".join(one.kind.value for one in failed)
            raise CommandError(f"{provider.name}: not in order: {kinds}.")

    def _word(self, one: Check) -> str:
        style = {CheckResult.OK: self.style.SUCCESS, CheckResult.PROBLEM: self.style.ERROR}
        return style.get(one.result, self.style.WARNING)(f"{one.result.label:<8}")


def _as_json(one: Check) -> dict[str, Any]:
    return {
        "check": one.kind.value,
        "result": one.result.value,
        "words": str(one.words),
        "cause": one.cause.value if one.cause else None,
        "balance": str(one.balance) if one.balance is not None else None,
        "currency": one.currency or None,
    }
