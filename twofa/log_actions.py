"""The events of `twofa` in the log, and who acts in them."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind, AuditEvent
from backoffice.common.identifiers import first_uuid7_at
from backoffice.common.ready_values import ReadyValues
from clients.models import User

PASSWORD_ACCEPTED = log.action("twofa.password_accepted", _("Password accepted"))
PASSWORD_REFUSED = log.action("twofa.password_refused", _("Password refused"))
PASSWORDS_PAUSED = log.action("twofa.passwords_paused", _("Passwords paused after wrong ones"))
PASSWORD_RESET_ASKED = log.action("twofa.password_reset_asked", _("Password reset asked for"))
SIGNED_IN = log.action("twofa.signed_in", _("Signed in"))
SIGNED_OUT = log.action("twofa.signed_out", _("Signed out"))
STEPPED_UP = log.action("twofa.stepped_up", _("Confirmed afresh who it is"))
CODE_SENT = log.action("twofa.code_sent", _("Code asked for by SMS"))
CODE_SENT_AGAIN = log.action("twofa.code_sent_again", _("Code sent again by an operator"))
SEND_REFUSED = log.action("twofa.send_refused", _("Code by SMS refused"))
CODE_ACCEPTED = log.action("twofa.code_accepted", _("Code accepted"))
CODE_REFUSED = log.action("twofa.code_refused", _("Code refused"))
LOCKED = log.action("twofa.locked", _("Locked after wrong codes"))
ENROLMENT_BEGUN = log.action("twofa.enrolment_begun", _("Factor begun"))
FACTOR_ENABLED = log.action("twofa.factor_enabled", _("Factor enabled"))
FACTOR_PREFERRED = log.action("twofa.factor_preferred", _("Factor to be asked first chosen"))
FACTOR_DISABLED = log.action("twofa.factor_disabled", _("Factor disabled"))
RECOVERY_CODES_MADE = log.action("twofa.recovery_codes_made", _("Recovery codes made"))
FACTOR_RESET = log.action("twofa.factor_reset", _("Factor disabled by an operator"))
UNLOCKED = log.action("twofa.unlocked", _("Unlocked by an operator"))
REFERENCE_GIVEN = log.action("twofa.reference_given", _("Reference for support shown"))
CALLER_IDENTIFIED = log.action("twofa.caller_identified", _("Caller identified"))
PIN_SHOWN = log.action("twofa.support_pin_shown", _("Support PIN shown"))
PIN_CHECKED = log.action("twofa.support_pin_checked", _("Support PIN typed by an operator"))
APPROVAL_ASKED = log.action("twofa.approval_asked", _("Approval asked for by e-mail"))
APPROVAL_ANSWERED = log.action("twofa.approval_answered", _("Approval answered"))
RESYNCHRONISATION_ALLOWED = log.action(
    "twofa.resynchronisation_allowed", _("Resynchronising allowed")
)
RESYNCHRONISED = log.action("twofa.resynchronised", _("Authenticator resynchronised"))
TEMPORARY_CODE_ISSUED = log.action("twofa.temporary_code_issued", _("Temporary code given out"))
TEST_SMS_SENT = log.action("twofa.test_sms_sent", _("Test SMS sent to the client"))
DESK_ASKED = log.action("twofa.desk_asked", _("Security desk asked"))
DESK_ANSWERED = log.action("twofa.desk_answered", _("Request to the Security desk answered"))
BROWSER_TRUSTED = log.action("twofa.browser_trusted", _("Browser trusted"))
TRUST_ENDED = log.action("twofa.trust_ended", _("Trust in browsers ended"))
TRUST_COPIED = log.action("twofa.trust_copied", _("Old copy of a trusted browser's proof refused"))
LOST_DEVICE_ASKED = log.action("twofa.lost_device_asked", _("Lost device: support asked"))
LOST_DEVICE_REPLIED = log.action("twofa.lost_device_replied", _("Lost device: client answered"))
LOST_DEVICE_WITHDRAWN = log.action("twofa.lost_device_withdrawn", _("Lost device: withdrawn"))
LOST_DEVICE_DENIED = log.action("twofa.lost_device_denied", _("Lost device: “this was not me”"))
LOST_DEVICE_TAKEN = log.action("twofa.lost_device_taken", _("Lost device: taken by an operator"))
LOST_DEVICE_PROOF = log.action("twofa.lost_device_proof", _("Lost device: proof ticked"))
LOST_DEVICE_MORE_ASKED = log.action(
    "twofa.lost_device_more_asked", _("Lost device: more asked of the client")
)
LOST_DEVICE_REFUSED = log.action("twofa.lost_device_refused", _("Lost device: refused"))
LOST_DEVICE_OPENED_AGAIN = log.action(
    "twofa.lost_device_opened_again", _("Lost device: new requests allowed again")
)
DIAGNOSED = log.action("twofa.diagnosed", _("Diagnosis opened"))

# Of wrong passwords that were not even compared, about one subject.
KEPT_A_MINUTE = 20
_recent = ReadyValues(
    lambda subject, action, since: AuditEvent.objects.filter(
        subject=subject, action=action, id__gte=since
    ).values_list("id")[:KEPT_A_MINUTE],
    "subject",
    "action",
    UUID(int=0),
)

COMMAND = Actor(ActorKind.COMMAND)


def actor(user: User) -> Actor:
    return Actor(ActorKind.OPERATOR if user.is_staff else ActorKind.CLIENT, str(user.pk))


def subject(user: User) -> str:
    return f"user:{user.pk}"


def user_of(subject: str) -> UUID | None:
    """The other way round; None for what is no user."""
    kind, _, key = subject.partition(":")
    return UUID(key) if kind == "user" else None


def is_flood(request: HttpRequest, action: log.Action, subject: str) -> bool:
    """Whether enough of it is on record, while django-axes takes no password any more.

    Pressing on then costs nothing, and nobody may shorten the log.
    """
    return getattr(request, "axes_locked_out", False) and is_repeated(action, subject)


def is_repeated(action: log.Action, subject: str) -> bool:
    """Whether so much of it was written down within the last minute that more tells nothing."""
    since = first_uuid7_at(timezone.now() - timedelta(minutes=1))
    return len(_recent(subject, action.key, since)) >= KEPT_A_MINUTE
