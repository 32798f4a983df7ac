import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from backoffice.audit import chain
from backoffice.audit.verification import verify
from backoffice.audit.verifying import WORDS, Bad, Report


class Command(BaseCommand):
    help = (
        "Checks the whole sealed log: that no event was changed, removed or added past it. Exit 1 "
        "and the first bad event when it was tampered with. Writes nothing, may run at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        with tqdm(desc="Verify the log", unit=" seals", file=self.stderr, disable=None) as bar:
            report = verify(begin=bar.reset, advance=bar.update)
        for warning in report.warnings:
            self.stderr.write(f"Warning: {warning}")
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report)))
        if report.bad:
            raise CommandError(in_words(report))
        if not options["json"]:
            self.stdout.write(summary(report))


def summary(report: Report) -> str:
    head = report.head
    if head is None:
        return f"The log is whole: {report.events} events, none sealed yet, {waiting(report)}."
    return (
        f"The log is whole: {report.events} events, {report.seals} seals, {waiting(report)}.\n"
        f"Sealed until {_moment(head.sealed_at)}, seal {head.number}, "
        f"head {chain.fingerprint(head.digest)}. Head outside: {report.outside}."
    )


def waiting(report: Report) -> str:
    since = report.oldest_waits_since
    return f"{report.waiting} waiting" + (f" since {_moment(since)}" if since else "")


def in_words(report: Report) -> str:
    first = report.named[0]
    count = "one finding" if report.bad == 1 else f"{report.bad} findings, the first"
    whole = report.whole_until
    return (
        f"The log was tampered with: {count}: {WORDS[first.what]}{_where(first)}. "
        + (
            f"All seals until {_moment(whole)} are whole."
            if whole
            else "No seal before it is whole."
        )
        + " Keep this database as it is, and compare it with a backup."
    )


def as_json(report: Report) -> dict[str, Any]:
    head = report.head
    return {
        "ok": not report.bad,
        "events": report.events,
        "seals": report.seals,
        "waiting": report.waiting,
        "oldest_waits_since": _iso(report.oldest_waits_since),
        "whole_until": _iso(report.whole_until),
        "head": {
            "number": head.number,
            "digest": head.digest,
            "fingerprint": chain.fingerprint(head.digest),
            "sealed_at": _iso(head.sealed_at),
        }
        if head
        else None,
        "head_outside": report.outside,
        "bad": report.bad,
        "first_bad": _bad_as_json(report.named[0]) if report.named else None,
        "findings": [_bad_as_json(bad) for bad in report.named],
        "warnings": report.warnings,
    }


def _bad_as_json(bad: Bad) -> dict[str, Any]:
    return {
        "what": bad.what,
        "words": WORDS[bad.what],
        "event": str(bad.event) if bad.event else None,
        "seal": bad.seal,
        "at": _iso(bad.at),
        "sealed_at": _iso(bad.sealed_at),
        "detail": bad.detail,
    }


def _where(bad: Bad) -> str:
    known = [
        f"event {bad.event}" if bad.event else "",
        f"seal {bad.seal}" if bad.seal else "",
        f"of {_moment(bad.at)}" if bad.at else "",
        f"sealed at {_moment(bad.sealed_at)}" if bad.sealed_at else "",
        bad.detail,
    ]
    told = ", ".join(filter(None, known))
    return f" ({told})" if told else ""


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="milliseconds") if moment else None
