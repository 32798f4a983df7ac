"""Profile > Security > Activity: the log of the client's own account, in the client's words."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from backoffice.audit import personal
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from clients.models import User
from twofa import log_actions as known
from twofa import own_sessions, password_change
from twofa.models import TrustedBrowser
from twofa.views.browsers import name_of
from twofa.views.security_page import SecurityPage
from twofa.vocabulary import FactorKind

PAGE = 20
_WITH_FACTOR = frozenset(
    action.key
    for action in (
        known.SIGNED_IN,
        known.CODE_REFUSED,
        known.FACTOR_ENABLED,
        known.FACTOR_PREFERRED,
        known.FACTOR_DISABLED,
        known.FACTOR_RESET,
    )
)


def newest(user: User, most: int) -> list[dict[str, Any]]:
    """The last events of an account, as the page has them."""
    words = _words()
    return [_line(event, words) for event in _events(user, words)[:most]]


class ActivityPage(SecurityPage):
    section = "activity"

    def get(self, request: HttpRequest) -> HttpResponse:
        words = _words()
        rows = _events(self.user, words)
        before = _id(request.GET.get("before", ""))
        if before:
            rows = rows.filter(id__lt=before)
        found = list(rows[: PAGE + 1])
        return self.page(
            "twofa/activity.html",
            events=[_line(event, words) for event in found[:PAGE]],
            next_page=found[PAGE - 1].pk if len(found) > PAGE else None,
        )


def _events(user: User, words: Mapping[str, str]) -> QuerySet[AuditEvent]:
    rows = AuditEvent.objects.filter(subject=known.subject(user), action__in=list(words))
    return rows.order_by("-id")


def _line(event: AuditEvent, words: dict[str, str]) -> dict[str, Any]:
    details = personal.reveal(event) or {}
    by_operator = event.actor_kind in {ActorKind.OPERATOR, ActorKind.COMMAND}
    by_somebody_else = by_operator and event.subject != f"user:{event.actor_id}"
    # What follows from another's act by itself is logged from that other's address.
    is_followup = event.actor_kind == ActorKind.SYSTEM
    text = words[event.action]
    factor = event.facts.get("factor") or event.facts.get("kind")
    if factor in FactorKind.values and event.action in _WITH_FACTOR:
        text = f"{text}: {FactorKind(factor).label}"
    elif factor == TrustedBrowser.kind:
        text = _("Signed in by a trusted browser")
    if event.outcome == Outcome.REFUSED:
        text = _("%(event)s (refused)") % {"event": text}
    return {
        "at": event.at,
        "words": text,
        "by": _("by support") if by_somebody_else else "",
        # The operator's own address is nothing for the client to see.
        "address": "" if by_somebody_else or is_followup else details.get("address", ""),
        "browser": "" if by_somebody_else or is_followup else name_of(details.get("browser", "")),
    }


def _words() -> dict[str, str]:
    """The events that concern a client, by key; others, such as a diagnosis, are not shown."""
    return {
        known.SIGNED_IN.key: _("Signed in"),
        known.SIGNED_OUT.key: _("Signed out"),
        known.PASSWORD_REFUSED.key: _("A wrong password was typed"),
        known.CODE_SENT.key: _("A code was asked for by SMS"),
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
        own_sessions.SESSIONS_ENDED.key: _("Signed out elsewhere"),
    }


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
