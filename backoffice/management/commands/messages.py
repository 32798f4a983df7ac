from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

try:
    from backoffice.development.catalogues import catalogues
except ModuleNotFoundError:  # Babel comes with the packages for development
    catalogues = None  # type: ignore[assignment]


class Command(BaseCommand):
    help = "Brings the catalogues of translations up to date with the clients' texts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("languages", nargs="*", help="only these; else every one")
        parser.add_argument("--todo", action="store_true", help="list what is not translated")

    def handle(self, *, languages: list[str], todo: bool, **options: Any) -> None:
        if catalogues is None:
            raise CommandError("Babel is missing: run `make install` first.")
        unknown = set(languages) - set(catalogues.languages())
        if unknown:
            raise CommandError(f"Not in LANGUAGES of the settings: {', '.join(sorted(unknown))}.")
        for language in languages or catalogues.languages():
            missing = catalogues.missing(catalogues.update(language))
            catalogues.compile_one(language)
            self.stdout.write(f"{language}: {len(missing)} to translate")
            for text in missing if todo else ():
                self.stdout.write(f"  {text}")
