"""The QR picture of an authenticator's key, as inline SVG: no file, no image that could be kept."""

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(uri: str) -> SafeString:
    """An `<svg>` element without size, to be sized by the style sheet. Black on white in dark mode
    too: many cameras do not read the reverse."""
    code = segno.make(uri, error="m", micro=False)
    drawing = code.svg_inline(omitsize=True, border=2, svgclass=None, lineclass=None)
    return mark_safe(drawing)  # noqa: S308  (made by segno: geometry only, none of the text)


def grouped(key: str, *, size: int = 4) -> list[str]:
    """The key in groups of four letters, which is how people copy it by hand."""
    return [key[start : start + size] for start in range(0, len(key), size)]
