"""Where the words stand that clients read: these, and no others, are in the catalogues.

All other strings are for operators, whose pages are English in this release; they are marked for
translation too, and come into the catalogues by one more line here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Source:
    """Files, as a pattern from the root of the project.

    `only`: the names that hold clients' words, in a file that has others too: of a function, a
    class, a constant or an argument.
    """

    pattern: str
    only: frozenset[str] = frozenset()

    def files(self) -> Iterator[Path]:
        found = sorted(path for path in ROOT.glob(self.pattern) if path.is_file())
        if not found:
            raise LookupError(f"{self.pattern}: no such file; see {__name__}")
        yield from found


def _part(pattern: str, *only: str) -> Source:
    return Source(pattern, frozenset(only))


_DIAGNOSIS = "twofa/diagnosis"
SOURCES = (
    # Pages, from the door inwards, and those of errors.
    Source("templates/*.html"),
    Source("templates/twofa/**/*.html"),
    Source("twofa/views/*.py"),
    Source("twofa/forms/*.py"),
    _part("twofa/vocabulary.py", "FactorKind", "OperatorAct"),
    _part("twofa/approvals.py", "operator_name"),
    _part(
        "twofa/lost_device_keys.py", "_MAIL", "_OPENED", "_PHONE", "_DOCUMENT", "_FACE", "_ADDRESS"
    ),
    _part("backoffice/settings.py", "BRAND_NAME"),
    # E-mails and SMS. The texts with a code in them stand in twofa/built_in_texts.py.
    Source("templates/twofa/notices/*.txt"),
    _part("twofa/texts.py", "sms_removed_body", "phone_changed_body", "lost_device_body"),
    # What an operator tells a client who calls.
    _part(f"{_DIAGNOSIS}/catalogue/*.py", "before", "after", "MAKE_SURE", "OURS", "TOGETHER"),
    Source(f"{_DIAGNOSIS}/meanwhile.py"),
    Source(f"{_DIAGNOSIS}/words.py"),
    _part(f"{_DIAGNOSIS}/checks/account.py", "_BEGIN_AGAIN"),
    _part(f"{_DIAGNOSIS}/checks/asking.py", "_no_message_was_sent"),
    _part(f"{_DIAGNOSIS}/checks/policy.py", "_BY_THE_CLIENT", "_BY_OTHERS", "_from_when"),
    _part(f"{_DIAGNOSIS}/checks/typing.py", "_told"),
    _part(f"{_DIAGNOSIS}/checks/messages.py", "_IS_LATE", "_CAME_LATE", "_from"),
    _part(
        f"{_DIAGNOSIS}/checks/message_words.py",
        "_TEXT_START",
        "_CANNOT_ANSWER",
        "OUR_SENDER",
        "came",
    ),
)
