"""The rows of a client's Activity in plain words; names and personal details for the whole page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.display import Tone, Words
from backoffice.admin.log_facts import facts_of
from backoffice.admin.log_names import Named, Names
from backoffice.admin.logs import PERSONAL_WORDS, TONES
from backoffice.admin.model_admin import MAY_READ_LOGS
from backoffice.audit import log, personal
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.common.encryption import DecryptionFailed
from clients.models import Client, User
from twofa.models import Notice
from twofa.models.notice import NoticeState
from twofa.notices import NoticeKind
from twofa.views.browsers import name_of

# Of the facts those that say what it was about, in the order in which one would say it.
TELLING = ("factor", "by", "scope", "outcome", "purpose")
# Ids, which the event's own page in Logs shows.
UNTOLD = frozenset({"message", "sent_as"})
NOTICE_WORDS: dict[str, Words] = {
    NoticeKind.FACTOR_ENABLED: gettext_lazy("a factor was enabled"),
    NoticeKind.FACTOR_REPLACED: gettext_lazy("a factor was replaced"),
    NoticeKind.FACTOR_DISABLED: gettext_lazy("a factor was disabled"),
    NoticeKind.FACTOR_RESET: gettext_lazy("support disabled a factor"),
    NoticeKind.PASSWORD_CHANGED: gettext_lazy("the password was changed"),
    NoticeKind.PASSWORD_CHOSEN: gettext_lazy("the first password was chosen"),
    NoticeKind.PASSWORD_RESET: gettext_lazy("a link for a new password"),
    NoticeKind.PASSWORD_RESET_HELD: gettext_lazy("no link for a new password yet"),
    NoticeKind.INVITED: gettext_lazy("an invitation"),
    NoticeKind.RECOVERY_CODES_MADE: gettext_lazy("recovery codes were made"),
    NoticeKind.RECOVERY_CODE_USED: gettext_lazy("a recovery code was used"),
    NoticeKind.WRONG_CODES: gettext_lazy("wrong codes were typed"),
    NoticeKind.HARD_LOCKED: gettext_lazy("codes are locked without an end"),
    NoticeKind.UNLOCKED: gettext_lazy("support unlocked codes"),
    NoticeKind.RESYNCHRONISED: gettext_lazy("the clock of the authenticator was learnt"),
    NoticeKind.APPROVAL_ASKED: gettext_lazy("support asked for an approval"),
    NoticeKind.TEMPORARY_CODE_ISSUED: gettext_lazy("support gave out a temporary code"),
    NoticeKind.TEMPORARY_CODE_USED: gettext_lazy("the temporary code was used"),
    NoticeKind.AFTER_INCIDENT: gettext_lazy("an incident is over"),
    NoticeKind.BROWSER_TRUSTED: gettext_lazy("a browser is trusted"),
    NoticeKind.TRUST_COPIED: gettext_lazy("an old copy of a trusted browser's proof"),
    NoticeKind.LOST_DEVICE_RECEIVED: gettext_lazy("lost device: asked for"),
    NoticeKind.LOST_DEVICE_TAKEN: gettext_lazy("lost device: looked at"),
    NoticeKind.LOST_DEVICE_MORE_NEEDED: gettext_lazy("lost device: more is needed"),
    NoticeKind.LOST_DEVICE_ANSWERED: gettext_lazy("lost device: switched off"),
    NoticeKind.LOST_DEVICE_REFUSED: gettext_lazy("lost device: refused"),
    NoticeKind.LOST_DEVICE_WITHDRAWN: gettext_lazy("lost device: withdrawn"),
    NoticeKind.LOST_DEVICE_DENIED: gettext_lazy("lost device: “this was not me”"),
    NoticeKind.CONTACT_CHANGED: gettext_lazy("support changed e-mail or phone"),
}
NOTICE_TONES = {
    NoticeState.QUEUED: Tone.CALM,
    NoticeState.SENT: Tone.OK,
    NoticeState.FAILED: Tone.BAD,
}


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """`details`: what only readers of Logs see, by name. `address`: of the event in Logs, or ""."""

    at: datetime
    words: str
    more: str
    state: Words
    tone: Tone
    by: Named
    reference: str = ""
    details: Sequence[tuple[Words, str]] = field(default_factory=tuple)
    address: str = ""


def rows_of(
    shown: Iterable[AuditEvent | Notice], client: Client, *, reader: User
) -> list[ActivityRow]:
    """A query for the names of those who acted, and one for the key of personal details."""
    rows = list(shown)
    events = [row for row in rows if isinstance(row, AuditEvent)]
    names = Names(events, reader=reader)
    may_read = reader.has_perm(MAY_READ_LOGS)
    told = _details_of(events) if may_read else {}
    return [
        _of_notice(row)
        if isinstance(row, Notice)
        else _of_event(row, client, names, told.get(row.pk, ()), is_linked=may_read)
        for row in rows
    ]


def _of_event(
    event: AuditEvent,
    client: Client,
    names: Names,
    details: Sequence[tuple[Words, str]],
    *,
    is_linked: bool,
) -> ActivityRow:
    facts = {name.replace(" ", "_"): words for name, words in facts_of(event)}
    facts = {name: value for name, value in facts.items() if name not in UNTOLD}
    reference = facts.pop("reference", "")
    about = ", ".join(facts.pop(name) for name in TELLING if name in facts)
    words = str(log.words_of(event.action))
    outcome = Outcome(event.outcome)
    is_own = event.actor_id == str(client.user_id)
    return ActivityRow(
        at=event.at,
        words=f"{words}: {about}" if about else words,
        more=" · ".join(f"{name.replace('_', ' ')}: {value}" for name, value in facts.items()),
        state=outcome.label,
        tone=TONES[outcome],
        by=Named(_("The client")) if is_own else names.actor(event),
        reference=reference,
        details=details,
        address=reverse("admin:audit_auditevent_change", args=[event.pk]) if is_linked else "",
    )


def _of_notice(notice: Notice) -> ActivityRow:
    state = NoticeState(notice.state)
    about = NOTICE_WORDS.get(notice.kind, notice.kind.replace("_", " "))
    return ActivityRow(
        at=notice.created_at,
        words=_("E-mail to the client: %(about)s") % {"about": about},
        more=notice.error,
        state=state.label,
        tone=NOTICE_TONES[state],
        by=Named(_("The system itself")),
    )


def _details_of(events: Sequence[AuditEvent]) -> dict[UUID, Sequence[tuple[Words, str]]]:
    """Address, browser, reason and the like, as far as they can be read."""
    try:
        told = personal.reveal_all(events)
    except DecryptionFailed:
        unreadable = [(gettext_lazy("Details"), _("cannot be decrypted"))]
        return {event.pk: unreadable for event in events if event.personal}
    return {key: _in_words(details) for key, details in told.items()}


def _in_words(details: dict[str, str] | None) -> Sequence[tuple[Words, str]]:
    if details is None:
        return [(gettext_lazy("Details"), _("erased"))]
    told = ((words, details.get(name, "")) for name, words in PERSONAL_WORDS.items())
    browser = PERSONAL_WORDS["browser"]
    return [
        (words, name_of(value) if words is browser else value) for words, value in told if value
    ]
