"""Everything in one process tree, for development: `make run`."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand

from backoffice.development.output import Output
from backoffice.development.problems import CannotStart
from backoffice.development.tree import Tree


class Command(BaseCommand):
    help = "Runs the whole project with demo data: broker, worker, beat and web (needs DEBUG=1)."
    # `migrate`, a child of this, runs them.
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            sys.exit("dev is for development only. Example: DEBUG=1 python manage.py dev")
        tree = Tree(
            folder=settings.VAR_DIR,
            port=settings.PORT,
            has_broker=bool(os.environ.get("REDIS_URL") or os.environ.get("REDIS_URL_FILE")),
            seeds_demo="seed_demo" in get_commands(),
            output=Output(sys.stdout, colour=sys.stdout.isatty() and "NO_COLOR" not in os.environ),
        )
        try:
            tree.run()
        except CannotStart as problem:
            sys.exit(str(problem))
