"""The name and the colour of the service, from System > Settings, on every page."""

import base64
import hashlib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from csp.constants import SELF
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice import contrast
from backoffice.contrast import Shades
from backoffice.policy.registry import Setting, register
from twofa.policy_keys import SERVICE_NAME

# --accent in tokens.css: while it is this, no page says anything of it.
BUILT_IN = "#3048c4"
_WRITTEN = re.compile(r"#[0-9a-f]{6}")
_USED = "_brand_sheet"


class ColourField(forms.CharField):
    """#rrggbb, of a colour that can be read on every light background of the pages."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value).lower()
        if not _WRITTEN.fullmatch(text):
            raise ValidationError(_("Write # and six digits or letters from a to f, as #3048c4."))
        colour = contrast.parse(text)
        if not contrast.is_readable(colour):
            raise ValidationError(
                _(
                    "This colour is too light: text in it could not be read. The nearest that can "
                    "be read is %(nearest)s."
                ),
                params={"nearest": contrast.written(contrast.nearest_readable(colour))},
            )
        return text


COLOUR = register(
    Setting(
        key="brand_colour",
        group=_("Look"),
        label=_("Colour of the service"),
        help=_("Of buttons and links, as # and six digits. On a dark screen it is made lighter."),
        default=BUILT_IN,
        field=ColourField,
        to_json=str,
        from_json=str,
        to_text=str,
    )
)


def brand(request: HttpRequest) -> dict[str, Any]:
    """Context of every template. An error page must come without the database, too."""
    try:
        name, colour = SERVICE_NAME(), COLOUR()
    except (DatabaseError, InterfaceError):
        name, colour = str(settings.BRAND_NAME), BUILT_IN
    is_own = colour != BUILT_IN and _WRITTEN.fullmatch(colour)
    sheet = _sheet(colour) if is_own else ""
    setattr(request, _USED, sheet)
    return {
        "brand_name": name,
        "brand_style": format_html("<style>{}</style>", sheet) if sheet else "",
    }


class AllowBrandStyle:
    """Names the one style that stands in the page by its hash: no other may. Inside CSPMiddleware.

    It stands in the page, since a file of its own would be one more request for each page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sheet = getattr(request, _USED, "")
        if sheet:
            response._csp_update = {"style-src": (SELF, _hash(sheet))}  # type: ignore[attr-defined]
        return response


@lru_cache(maxsize=8)
def _sheet(colour: str) -> SafeString:
    parsed = contrast.parse(colour)
    light, dark = _rule(contrast.on_light(parsed)), _rule(contrast.on_dark(parsed))
    return SafeString(f"{light}@media(prefers-color-scheme:dark){{{dark}}}")


def _rule(shades: Shades) -> str:
    names = ("accent", "accent_strong", "accent_wash", "on_accent")
    lines = (
        f"--{name.replace('_', '-')}:{contrast.written(getattr(shades, name))}" for name in names
    )
    return f":root{{{';'.join(lines)}}}"


@lru_cache(maxsize=8)
def _hash(sheet: str) -> str:
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    return f"'sha256-{digest}'"
