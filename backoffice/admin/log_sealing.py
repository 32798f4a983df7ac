"""How the sealing of the log stands, in words: for System > Logs, the first page and e-mails."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.display import Tone, Words
from backoffice.audit.models import SealingState
from backoffice.audit.standing import Standing

Trouble = SealingState.Trouble


@dataclass(frozen=True, slots=True)
class Fault:
    """`words` are of a chip; `what` happened, and what to do."""

    words: Words
    what: Words
    to_do: Words


VERIFY = gettext_lazy(
    "Keep the database as it is, run verify_audit, and compare the log with a backup."
)
FAULTS: dict[str, Fault] = {
    Trouble.FAILED: Fault(
        gettext_lazy("sealing fails"),
        gettext_lazy("The database refuses what sealing the log needs. Events are still written."),
        gettext_lazy("See the worker's log."),
    ),
    Trouble.EVENT_GONE: Fault(
        gettext_lazy("an event is gone"),
        gettext_lazy("Somebody removed an event from the database before it was sealed."),
        VERIFY,
    ),
    Trouble.HEAD_UNSIGNED: Fault(
        gettext_lazy("last seal not ours"),
        gettext_lazy("The last seal was not made with our key, so nothing is sealed on top of it."),
        gettext_lazy(
            "If AUDIT_KEY was changed, put the one before it into AUDIT_KEY_FALLBACKS. If not, the "
            "seal is forged: run verify_audit."
        ),
    ),
    Trouble.HEAD_CUT: Fault(
        gettext_lazy("end cut off"),
        gettext_lazy(
            "The head at AUDIT_HEAD_URL names a seal that the log does not have: its end was "
            "removed, or an older backup was restored."
        ),
        VERIFY,
    ),
    Trouble.HEAD_UNWRITTEN: Fault(
        gettext_lazy("head not kept outside"),
        gettext_lazy("The head of the log cannot be written to AUDIT_HEAD_URL."),
        gettext_lazy("See the worker's log for the reason, and what lies there."),
    ),
}
LATE = Fault(
    gettext_lazy("events wait"),
    gettext_lazy("Events wait for their seal, and nobody seals."),
    gettext_lazy("Is a worker running that takes the queue housekeeping, and beat?"),
)
MILD = {Trouble.FAILED, Trouble.HEAD_UNWRITTEN}


def fault_of(standing: Standing) -> Fault | None:
    if standing.is_late:
        return LATE
    return FAULTS.get(standing.lasting_trouble)


def chip_of(standing: Standing) -> tuple[Words, Tone]:
    fault = fault_of(standing)
    if fault is None:
        return (_("sealed"), Tone.OK) if standing.seals else (_("no seal yet"), Tone.CALM)
    is_mild = fault is LATE or standing.lasting_trouble in MILD
    return fault.words, Tone.WARN if is_mild else Tone.BAD
