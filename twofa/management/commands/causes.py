from typing import Any

from django.core.management.base import BaseCommand

from twofa.diagnosis import reference


class Command(BaseCommand):
    help = "Prints the reference of causes, docs/causes.md, from the catalogue."

    def handle(self, **options: Any) -> None:
        self.stdout.write(reference.markdown(), ending="")
