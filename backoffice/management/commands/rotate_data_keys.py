import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from backoffice.common import rotation


class Command(BaseCommand):
    help = (
        "Re-encrypts every seed, code, number of a notice and credential with the newest key of "
        "DATA_KEYS. May be stopped and started again. Drop an old key only after it ended well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        done = failed = 0
        for column in rotation.columns():
            total = column.left().count()
            for succeeded in tqdm(
                rotation.rotate(column),
                total=total,
                desc=str(column),
                file=self.stderr,
                disable=None,
            ):
                done, failed = done + succeeded, failed + (not succeeded)
        if options["json"]:
            self.stdout.write(json.dumps({"rotated": done, "failed": failed}))
        else:
            self.stdout.write(f"{done} values re-encrypted.")
        if failed:
            raise CommandError(
                f"{failed} values could not be decrypted: their key is missing from DATA_KEYS, or "
                "they were damaged. Keep the old keys, and see the log for the places."
            )
