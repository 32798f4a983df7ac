"""`system_settings [KEY=VALUE]… [--json]`: System > Settings for scripts; same rules, same log."""

import difflib
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind
from backoffice.policy import registry
from backoffice.policy.changes import change

REFUSED, WRONG_USAGE = 1, 2


class Command(BaseCommand):
    help = "Print System > Settings, or change some of them: all of those given, or none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "changes", nargs="*", metavar="KEY=VALUE", help="e.g. tries=7 allowed_countries=FR,DE"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object: values by key")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = parse(options["changes"])
        changed = apply(texts) if texts else {}
        shown = [registry.get(key) for key in texts] or registry.all_settings()
        if options["json"]:
            values = {setting.key: setting.to_json(setting()) for setting in shown}
            self.stdout.write(json.dumps(values, ensure_ascii=False))
        else:
            self.print_lines(shown, changed)

    def print_lines(self, shown: list[registry.Setting[Any]], changed: dict[str, Any]) -> None:
        width = max((len(setting.key) for setting in shown), default=0)
        for setting in shown:
            value = setting()
            line = f"{setting.key:<{width}}  {setting.to_text(value)}"
            if value != setting.default:
                line += "  " + _("(default: %s)") % setting.to_text(setting.default)
            if setting.key in changed:
                line += "  " + _("changed")
            self.stdout.write(line)


def parse(changes: list[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for argument in changes:
        key, equals, text = argument.partition("=")
        known(key)
        if not equals:
            raise CommandError(
                _("%(key)s has no value: write %(key)s=VALUE.") % {"key": key},
                returncode=WRONG_USAGE,
            )
        if key in texts:
            raise CommandError(_("%s is given twice.") % key, returncode=WRONG_USAGE)
        texts[key] = text
    return texts


def known(key: str) -> None:
    """Nothing, or the error that names the nearest key, or all there are."""
    keys = sorted(setting.key for setting in registry.all_settings())
    if key in keys:
        return
    near = difflib.get_close_matches(key, keys, n=1)
    hint = _("Did you mean %s?") % near[0] if near else _("There are: %s.") % ", ".join(keys)
    raise CommandError(
        _("There is no setting %(key)r. %(hint)s") % {"key": key, "hint": hint},
        returncode=WRONG_USAGE,
    )


def apply(texts: dict[str, str]) -> dict[str, Any]:
    try:
        return change(texts, actor=Actor(ActorKind.COMMAND))
    except ValidationError as error:
        lines = [f"{key}: {' '.join(reasons)}" for key, reasons in error.message_dict.items()]
        lines.append(_("Nothing was changed."))
        raise CommandError("\n".join(lines), returncode=REFUSED) from None
