"""Profile > Security > Activity: the log of the client's own account, in the client's words."""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backoffice.audit.models import AuditEvent
from clients import people
from clients.models import User
from twofa import log_actions as known
from twofa import own_sessions, password_change, password_choosing
from twofa.views.activity_lines import Line, by_day, lines_of
from twofa.views.security_page import SecurityPage

PAGE = 20
# Some are left out: a password that led to a sign-in.
READ = 2 * PAGE + 1


def newest(user: User, most: int) -> list[Line]:
    """The last events of an account, as the page has them."""
    words = _words()
    return lines_of(list(_events(user, words)[: 2 * most]), words)[:most]


class ActivityPage(SecurityPage):
    section = "activity"

    def get(self, request: HttpRequest) -> HttpResponse:
        words = _words()
        rows = _events(self.user, words)
        before = _id(request.GET.get("before", ""))
        read = list((rows.filter(id__lt=before) if before else rows)[:READ])
        newer = rows.filter(id__gte=before).reverse()[:PAGE] if before else ()
        lines = lines_of(read, words, newer=newer)
        return self.page(
            "twofa/activity.html",
            days=by_day(lines[:PAGE]),
            is_first=before is None,
            older=_older(lines, read),
        )


def _older(lines: list[Line], read: list[AuditEvent]) -> UUID | None:
    """Before which event the next page begins; None on the last one."""
    if len(lines) > PAGE:
        return lines[PAGE - 1].id
    return read[-1].pk if len(read) == READ else None


def _events(user: User, words: Mapping[str, str]) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.filter(subject=known.subject(user), action__in=list(words))
    return rows.order_by("-id")


def _words() -> dict[str, str]:
    """The events that concern a client, by key; others, such as a diagnosis, are not shown."""
    return {
        known.SIGNED_IN.key: _("Signed in"),
        known.SIGNED_OUT.key: _("Signed out"),
        known.PASSWORD_ACCEPTED.key: _("Your password was typed, but nobody signed in"),
        known.STEPPED_UP.key: _("Confirmed before a change"),
        known.PASSWORD_REFUSED.key: _("A wrong password was typed"),
        known.CODE_SENT.key: _("A code was asked for by SMS"),
        known.CODE_SENT_AGAIN.key: _("A code was sent again"),
        known.TEST_SMS_SENT.key: _("A test message was sent"),
        known.SEND_REFUSED.key: _("A code by SMS was refused"),
        known.CODE_REFUSED.key: _("A wrong code was typed"),
        known.LOCKED.key: _("Locked after wrong codes"),
        known.FACTOR_ENABLED.key: _("Switched on"),
        known.FACTOR_PREFERRED.key: _("What sign-in asks for first was changed"),
        known.FACTOR_DISABLED.key: _("Switched off"),
        known.FACTOR_RESET.key: _("Second factor switched off"),
        known.RECOVERY_CODES_MADE.key: _("New recovery codes were made"),
        known.UNLOCKED.key: _("Unlocked"),
        known.PIN_SHOWN.key: _("Support PIN shown"),
        known.CALLER_IDENTIFIED.key: _("Support made sure that it is you"),
        known.APPROVAL_ASKED.key: _("Support asked for your approval"),
        known.APPROVAL_ANSWERED.key: _("Approval answered"),
        known.RESYNCHRONISATION_ALLOWED.key: _("Two codes of the app in a row were allowed"),
        known.RESYNCHRONISED.key: _("The clock of the app was learnt"),
        known.LOST_DEVICE_ASKED.key: _("Support asked: phone or app lost"),
        known.LOST_DEVICE_WITHDRAWN.key: _("Request about the lost phone or app withdrawn"),
        known.LOST_DEVICE_DENIED.key: _("Request about a lost phone or app: “This was not me”"),
        known.LOST_DEVICE_TAKEN.key: _("Request about the lost phone or app is looked at"),
        known.LOST_DEVICE_REFUSED.key: _("Request about the lost phone or app refused"),
        known.TEMPORARY_CODE_ISSUED.key: _("A code that signs in once was given out"),
        known.BROWSER_TRUSTED.key: _("A browser was trusted"),
        known.TRUST_ENDED.key: _("The trust in browsers ended"),
        known.TRUST_COPIED.key: _("An old copy of a trusted browser's proof was shown"),
        password_change.PASSWORD_CHANGED.key: _("Password changed"),
        password_choosing.PASSWORD_CHOSEN.key: _("Password chosen by a link"),
        known.PASSWORD_RESET_ASKED.key: _("A link for a new password was asked for"),
        own_sessions.SESSIONS_ENDED.key: _("Signed out elsewhere"),
        people.SESSIONS_ENDED.key: _("Signed out"),
        people.CONTACT_CHANGED.key: _("E-mail or phone changed"),
        people.BLOCKED.key: _("Account blocked"),
        people.UNBLOCKED.key: _("Account no longer blocked"),
    }


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
