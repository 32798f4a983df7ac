"""What the pages of System > SMS templates have in common: words, and the preview of a text."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _

from backoffice.admin.display import Tone, chip
from clients.models import User
from smsproviders.template_hints import hints, runs_from_the_right
from smsproviders.template_rules import cleaned, problems
from smsproviders.text_encoding import Measure, measure
from smsproviders.text_kinds import TextKind

LIST = "admin:smsproviders_smstemplate_changelist"
EDIT = "admin:smsproviders_smstemplate_text"
BUILT_IN = "admin:smsproviders_smstemplate_built_in"


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as a phone shows it, what it costs, and what is to be said of it."""

    message: str
    size: str
    holds: str
    room: str
    size_at_longest: str  # with the longest name; "" where that is the same
    problems: list[str]
    hints: list[str]


def preview(kind: TextKind, text: str, language: str) -> Preview:
    text = cleaned(text)
    size, longest = measure(kind.example(text)), measure(kind.example(text, longest=True))
    return Preview(
        message=kind.example(text),
        size=size_words(size),
        holds=_("%(alone)d characters a segment, %(joined)d when there are several")
        % {"alone": size.encoding.alone, "joined": size.encoding.joined},
        room=room_words(size),
        size_at_longest=size_words(longest) if longest.segments != size.segments else "",
        problems=[one.words for one in problems(kind, text)],
        hints=hints(kind, text, language=language),
    )


def size_words(size: Measure) -> str:
    words = ngettext("%(number)d segment", "%(number)d segments", size.segments)
    return f"{words % {'number': size.segments}}, {size.encoding.label}"


def room_words(size: Measure) -> str:
    words = ngettext("%(number)d character", "%(number)d characters", size.room)
    return words % {"number": size.room}


def size_chip(kind: TextKind, text: str, language: str) -> SafeString:
    """A warning where it takes more segments than the built-in text of the language does."""
    size = measure(kind.example(text))
    built_in = measure(kind.example(kind.built_in.get(language, text)))
    return chip(size_words(size), Tone.WARN if size.segments > built_in.segments else Tone.CALM)


def direction(language: str) -> str:
    """For the attribute `dir`: a text with placeholders would be taken for Latin."""
    return "rtl" if runs_from_the_right(language) else "ltr"


def language_words(language: str) -> tuple[str | Promise, str]:
    """Its name in the reader's language and in its own."""
    try:
        info = get_language_info(language)
    except KeyError:
        return language, ""
    own = info["name_local"]
    return info["name_translated"], own[:1].upper() + own[1:]


def changer_names(ids: set[str]) -> dict[str, str]:
    """Of the operators with these ids; a query only when there are any."""
    users = User.objects.filter(pk__in=[one for one in ids if one]) if any(ids) else []
    return {str(user.pk): user.get_full_name() for user in users}


def title_of(kind: TextKind, language: str) -> str:
    return _("%(purpose)s, %(language)s") % {
        "purpose": kind.words,
        "language": language_words(language)[0],
    }
