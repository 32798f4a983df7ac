"""Searching Logs: from the filters in the address to one page of events.

The log may hold tens of millions of rows. So pages are cut by id (which is time, UUIDv7) instead of
by number, dates become ranges of ids, and every other filter is an exact match on an index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from backoffice.common.identifiers import first_uuid7_at
from clients.models import Client, User

PAGE = 50
EXPORT_CHUNK = 1000


class SearchForm(forms.Form):
    """Every field is optional, and stands in the address."""

    action = forms.ChoiceField(label=_("What"), required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Any")), *Outcome.choices]
    )
    kind = forms.ChoiceField(
        label=_("By"), required=False, choices=[("", _("Anyone")), *ActorKind.choices]
    )
    actor = forms.CharField(
        label=_("Actor"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"placeholder": _("E-mail or ID")}),
    )
    subject = forms.CharField(
        label=_("Subject"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={"placeholder": _("E-mail or client ID")}),
    )
    request = forms.CharField(label=_("Request ID"), required=False, max_length=64)
    since = forms.DateField(
        label=_("From (UTC)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To (UTC)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        field = self.fields["action"]
        field.choices = [("", _("Anything")), *action_choices()]  # type: ignore[attr-defined]

    def clean_actor(self) -> str:
        text: str = self.cleaned_data["actor"].strip()
        return str(_user_of(text).pk) if "@" in text else text

    def clean_subject(self) -> list[str]:
        """The subjects that are meant: a person is logged as a user, and as a client's record."""
        text: str = self.cleaned_data["subject"].strip()
        if not text:
            return []
        if "@" in text:
            user = _user_of(text)
            client = Client.objects.filter(user=user).first()
        elif text.lstrip("#").isascii() and text.lstrip("#").isdigit():
            client = Client.objects.filter(pk=min(int(text.lstrip("#")), 2**62)).first()
            if client is None:
                raise ValidationError(_("There is no client with this ID."))
            user = client.user
        else:
            return [text]
        return [f"user:{user.pk}", *([f"client:{client.pk}"] if client else [])]

    def clean_since(self) -> UUID | None:
        day = self.cleaned_data["since"]
        return first_uuid7_at(_midnight(day)) if day else None

    def clean_until(self) -> UUID | None:
        """The first key of the day after."""
        day = self.cleaned_data["until"]
        return first_uuid7_at(_midnight(day) + timedelta(days=1)) if day else None

    def events(self) -> "QuerySet[AuditEvent]":
        """All events that match, the newest first; none while a field is wrong."""
        if not self.is_valid():
            return AuditEvent.objects.none()
        given = self.cleaned_data
        exact = {
            "action": given["action"],
            "outcome": given["outcome"],
            "actor_kind": given["kind"],
            "actor_id": given["actor"],
            "request_id": given["request"].strip(),
            "subject__in": given["subject"],
            "id__gte": given["since"],
            "id__lt": given["until"],
        }
        found = {lookup: value for lookup, value in exact.items() if value}
        return AuditEvent.objects.filter(**found).order_by("-id")


@dataclass(frozen=True, slots=True)
class Page:
    """`newer` and `older` are the ids to go on from; None at the ends."""

    events: list[AuditEvent]
    newer: UUID | None
    older: UUID | None


def page(events: "QuerySet[AuditEvent]", *, before: UUID | None, after: UUID | None) -> Page:
    """Up to PAGE events below `before`, or the nearest above `after`, or the newest ones."""
    if after is not None:
        nearest = list(events.filter(id__gt=after).order_by("id")[: PAGE + 1])
        return _cut(nearest[:PAGE][::-1], more_above=len(nearest) > PAGE, more_below=True)
    if before is not None:
        events = events.filter(id__lt=before)
    found = list(events[: PAGE + 1])
    return _cut(found[:PAGE], more_above=before is not None, more_below=len(found) > PAGE)


def _cut(shown: list[AuditEvent], *, more_above: bool, more_below: bool) -> Page:
    if not shown:
        return Page([], newer=None, older=None)
    return Page(
        shown,
        newer=shown[0].id if more_above else None,
        older=shown[-1].id if more_below else None,
    )


def in_chunks(events: "QuerySet[AuditEvent]", *, limit: int) -> Iterator[AuditEvent]:
    """Up to `limit` events, read a chunk at a time by id: no long transaction, little memory."""
    below: UUID | None = None
    while limit > 0:
        rest = events if below is None else events.filter(id__lt=below)
        chunk = list(rest[: min(EXPORT_CHUNK, limit)])
        yield from chunk
        if len(chunk) < EXPORT_CHUNK:
            return
        below, limit = chunk[-1].id, limit - len(chunk)


def action_choices() -> list[tuple[str, list[tuple[str, Any]]]]:
    """Registered actions, grouped by the first part of their key, as options of a select."""
    groups = groupby(log.actions(), key=lambda action: action.key.partition(".")[0])
    return [(name, [(one.key, one.words) for one in members]) for name, members in groups]


def _user_of(email: str) -> User:
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise ValidationError(_("Nobody has this e-mail."))
    return user


def _midnight(day: date) -> datetime:
    if not 2000 <= day.year < 2200:  # others have no UUIDv7
        raise ValidationError(_("This is not a day of this century."))
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
