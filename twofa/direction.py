"""Numbers within words of a script that is written from the right."""

from django.utils.translation import get_language_bidi

# Isolates of Unicode's bidirectional algorithm (UAX 9).
_LEFT_TO_RIGHT, _END = "\u2066", "\u2069"


def left_to_right(text: str) -> str:
    """A number, or the end of one, in its own order. For text; in a template there is `<bdi>`."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}" if text and get_language_bidi() else text
