"""`python -m tests.benchmarks`: measure, print the tables, write them into docs/benchmarks.md."""

import argparse
import os

import django

from tests.services import session


def main() -> None:
    arguments = _arguments()
    session.set_environment()
    os.environ["DJANGO_SETTINGS_MODULE"] = "backoffice.settings"
    django.setup()
    # Only now: what these modules import reads Django's settings.
    from tests.benchmarks import report
    from tests.benchmarks.figures import FULL, QUICK
    from tests.benchmarks.parts import running_parts

    machine = report.machine()
    scale = QUICK if arguments.quick else FULL
    try:
        with running_parts() as parts:
            tables = report.measure(parts, scale, only=arguments.only)
            setup = [*machine, *report.versions(parts)]
    finally:
        session.close()
    if not arguments.quick and arguments.only in {None, "size"}:
        report.write(tables, setup, of_size=arguments.only == "size")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="one short run of each, to see that it works"
    )
    parts = ("checks", "page", "requests", "sending", "faults", "size")
    parser.add_argument("--only", choices=parts, help="size: takes half an hour, and is left out")
    return parser.parse_args()


if __name__ == "__main__":
    main()
