"""Where Twilio's own OpenAPI description is, if it is anywhere.

The file is Twilio's (github.com/twilio/twilio-oai, `twilio_api_v2010.json` or a cut of it) and not
part of this project. Its path is taken from the environment variable TWILIO_OPENAPI.
"""

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .description import Description

VARIABLE = "TWILIO_OPENAPI"


class DescriptionNotFound(Exception):
    """TWILIO_OPENAPI names a file that cannot be read."""


def from_environment() -> "Description | None":
    """The description that TWILIO_OPENAPI names; None when the variable is not set."""
    name = os.environ.get(VARIABLE)
    return _load(name) if name else None


@lru_cache(maxsize=1)
def _load(name: str) -> "Description":
    """Cached by name: reading and checking it takes over a second."""
    try:
        text = Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise DescriptionNotFound(f"{VARIABLE} names {name!r}: {error.strerror}") from error
    from .description import Description  # half a second, only where it is asked for

    return Description(json.loads(text))
