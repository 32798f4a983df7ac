"""Settings of several lines: `name=value`, `Name: value`, `code = class`."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def pairs(text: str, *, between: str, example: str) -> dict[str, str]:
    """Each line's two sides, without the blanks around them; blank lines do not count.

    ValidationError for a line without the sign between, without a name, or with one seen before.
    """
    found: dict[str, str] = {}
    for line in filter(str.strip, text.splitlines()):
        name, sign, value = (part.strip() for part in line.partition(between))
        if not sign or not name:
            raise ValidationError(
                _("Write each line as %(example)s, not as “%(line)s”."),
                params={"example": example, "line": line.strip()[:60]},
            )
        if name in found:
            raise ValidationError(_("“%(name)s” stands here twice."), params={"name": name[:60]})
        found[name] = value
    return found
