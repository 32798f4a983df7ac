"""From the filters of a client's Activity to one page of events and notices."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.admin import keyset
from backoffice.admin.keyset import Page, Place, Span
from backoffice.admin.messages_form import PERIODS
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from clients import invitations, people
from clients.models import User
from twofa import log_actions, own_sessions, password_change, password_choosing
from twofa.models import Notice

NOTICES, OPERATORS = "notices", "operators"
ACTIONS: dict[str, tuple[Any, ...]] = {
    "sign_ins": (
        log_actions.PASSWORD_ACCEPTED,
        log_actions.PASSWORD_REFUSED,
        log_actions.SIGNED_IN,
        log_actions.SIGNED_OUT,
        log_actions.STEPPED_UP,
        log_actions.REFERENCE_GIVEN,
    ),
    "codes": (
        log_actions.CODE_SENT,
        log_actions.CODE_SENT_AGAIN,
        log_actions.SEND_REFUSED,
        log_actions.CODE_ACCEPTED,
        log_actions.CODE_REFUSED,
        log_actions.LOCKED,
        log_actions.UNLOCKED,
        log_actions.TEMPORARY_CODE_ISSUED,
        log_actions.TEST_SMS_SENT,
    ),
    "factors": (
        log_actions.ENROLMENT_BEGUN,
        log_actions.FACTOR_ENABLED,
        log_actions.FACTOR_DISABLED,
        log_actions.FACTOR_RESET,
        log_actions.RECOVERY_CODES_MADE,
        log_actions.RESYNCHRONISATION_ALLOWED,
        log_actions.RESYNCHRONISED,
    ),
    "sessions": (
        log_actions.SIGNED_IN,
        log_actions.SIGNED_OUT,
        own_sessions.SESSIONS_ENDED,
        people.SESSIONS_ENDED,
        log_actions.BROWSER_TRUSTED,
        log_actions.TRUST_ENDED,
        log_actions.TRUST_COPIED,
    ),
    "account": (
        password_change.PASSWORD_CHANGED,
        password_choosing.PASSWORD_CHOSEN,
        log_actions.PASSWORD_RESET_ASKED,
        invitations.INVITED,
        people.CONTACT_CHANGED,
        people.BLOCKED,
        people.UNBLOCKED,
        people.PASSWORDS_FORGIVEN,
    ),
    "caller": (
        log_actions.CALLER_IDENTIFIED,
        log_actions.PIN_SHOWN,
        log_actions.PIN_CHECKED,
        log_actions.APPROVAL_ASKED,
        log_actions.APPROVAL_ANSWERED,
        log_actions.DESK_ASKED,
        log_actions.DESK_ANSWERED,
    ),
}
KINDS = (
    ("", _("Everything")),
    ("sign_ins", _("Sign-ins")),
    ("codes", _("Codes")),
    ("factors", _("Second factor")),
    ("sessions", _("Sessions")),
    ("account", _("Password, contact, blocks")),
    ("caller", _("Identifying the caller")),
    (OPERATORS, _("What operators did")),
    (NOTICES, _("E-mails to the client")),
)
BY_OPERATORS = Q(actor_kind__in=[ActorKind.OPERATOR, ActorKind.COMMAND])


class ActivityForm(forms.Form):
    """Every field is optional, and stands in the address."""

    kind = forms.ChoiceField(label=_("What"), required=False, choices=KINDS)
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Any")), *Outcome.choices]
    )
    within = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[("", _("Any time")), *((key, words) for key, (words, _span) in PERIODS.items())],
    )
    main = ("kind", "outcome", "within")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields]


def search(user: User, form: ActivityForm, place: Place) -> Page[Any]:
    """AuditEvents and Notices, the newest first; nothing while a field is wrong."""
    if not form.is_valid():
        return Page([])
    kind, outcome = form.cleaned_data["kind"], form.cleaned_data["outcome"]
    period = _period(form.cleaned_data["within"])
    events = AuditEvent.objects.filter(subject=log_actions.subject(user))
    notices = Notice.objects.filter(user=user).defer("to", "context")
    if kind == NOTICES:
        return keyset.page(_within(period, notices), place)
    if not kind and not outcome:
        return keyset.page_of_several([_within(period, events), _within(period, notices)], place)
    chosen = events.filter(_condition(kind))
    if outcome:
        chosen = chosen.filter(outcome=outcome)
    return keyset.page(_within(period, chosen), place)


def _within(period: Span, rows: QuerySet[Any]) -> Callable[[Span], QuerySet[Any]]:
    return lambda span: span.within(period).cut(rows)


def _condition(kind: str) -> Q:
    if kind == OPERATORS:
        return BY_OPERATORS
    return Q(action__in=[action.key for action in ACTIONS[kind]]) if kind else Q()


def _period(within: str) -> Span:
    length: timedelta | None = PERIODS[within][1] if within else None
    return Span(above=keyset.from_on(timezone.now() - length)) if length else Span()
