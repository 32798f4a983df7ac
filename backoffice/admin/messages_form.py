"""What messages can be filtered by, in the address of the list and of a client's tab."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.admin import keyset
from backoffice.admin.client_search import possible_numbers
from backoffice.admin.messages_words import PURPOSES, cause_words
from backoffice.common.identifiers import first_uuid7_at
from smsproviders.models import SmsAttempt, SmsProvider
from smsproviders.vocabulary import Cause, MessageState
from twofa.models import Challenge

REFERENCE = re.compile(r"([A-Z0-9]{4})-?([A-Z0-9]{4})", re.IGNORECASE)
COUNTRY = re.compile(r"[A-Za-z]{2}")
# More of one id, among several providers, nobody reads.
SAME_ID = 100

TROUBLE, WITHDRAWN, TYPED = "trouble", "withdrawn", "typed"
STATES = [
    ("", _("Any")),
    (TROUBLE, _("Any trouble")),
    *MessageState.choices,
    (WITHDRAWN, _("Not needed any more")),
    (TYPED, _("Typed by the client")),
]
PERIODS = {
    "hour": (_("Last hour"), timedelta(hours=1)),
    "day": (_("Last 24 hours"), timedelta(days=1)),
    "week": (_("Last 7 days"), timedelta(days=7)),
    "month": (_("Last 30 days"), timedelta(days=30)),
}


class TabForm(forms.Form):
    """Of one client's messages. Every field is optional."""

    state = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    cause = forms.ChoiceField(label=_("Cause"), required=False)
    purpose = forms.ChoiceField(
        label=_("Purpose"), required=False, choices=[("", _("Any")), *PURPOSES.items()]
    )
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    within = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[("", _("Any time")), *((key, words) for key, (words, _span) in PERIODS.items())],
    )
    field_order: tuple[str, ...] = ("state", "cause", "within", "provider", "purpose")
    main: tuple[str, ...] = field_order
    """What stands in the first row; the rest is folded until it says something."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        causes = sorted(((one.value, str(cause_words(one))) for one in Cause), key=lambda it: it[1])
        providers = SmsProvider.objects.values_list("pk", "caption").order_by("caption")
        self._offer("cause", causes)
        self._offer("provider", [(str(key), caption) for key, caption in providers])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = [("", _("Any")), *choices]  # type: ignore[attr-defined]

    def clean_provider(self) -> UUID | None:
        key: str = self.cleaned_data["provider"]
        return UUID(key) if key else None

    @property
    def given(self) -> dict[str, Any]:
        """What was asked for, without what is empty."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def first_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name in self.main]

    def further_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in self.main]

    @property
    def is_unfolded(self) -> bool:
        return any(self.data.get(field.name) for field in self.further_fields())


class ListForm(TabForm):
    """Of all messages."""

    number = forms.CharField(
        label=_("Number"),
        required=False,
        max_length=40,
        widget=forms.TextInput(
            attrs={"placeholder": _("Whole, in any format"), "inputmode": "tel"}
        ),
    )
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"placeholder": _("Code or provider's id")}),
    )
    country = forms.CharField(
        label=_("Country"),
        required=False,
        max_length=2,
        widget=forms.TextInput(attrs={"placeholder": _("Two letters: FR")}),
    )
    since = forms.DateField(
        label=_("From (UTC)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("To (UTC)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    field_order = (
        *("number", "reference", "state", "cause", "within"),
        *("provider", "country", "purpose", "since", "until"),
    )
    main = ("number", "reference", "state", "cause", "within")

    def clean_number(self) -> list[str]:
        """The numbers that can be meant; a national one may be several."""
        text: str = self.cleaned_data["number"].strip()
        numbers = possible_numbers(text) if text else []
        if text and not numbers:
            raise ValidationError(_("This is not a whole phone number."))
        return numbers

    def clean_reference(self) -> Q | None:
        text: str = self.cleaned_data["reference"].strip().replace("\x00", "")
        return reference_condition(text) if text else None

    def clean_country(self) -> str:
        text: str = self.cleaned_data["country"].strip()
        if text and not COUNTRY.fullmatch(text):
            raise ValidationError(_("A country is two letters, as FR."))
        return text.upper()

    def clean_since(self) -> UUID | None:
        day = self.cleaned_data["since"]
        return keyset.from_on(_midnight(day)) if day else None

    def clean_until(self) -> UUID | None:
        """The first key of the day after."""
        day = self.cleaned_data["until"]
        return first_uuid7_at(_midnight(day) + timedelta(days=1)) if day else None


def reference_condition(text: str) -> Q:
    """By what the client reads out, by the id of a message or its challenge, or the provider's."""
    if word := REFERENCE.fullmatch(text):
        public = f"{word[1]}-{word[2]}".upper()
        challenge = Challenge.objects.filter(public_reference=public).values_list("pk").first()
        if challenge:
            return Q(reference=str(challenge[0]))
    try:
        key = UUID(text)
    except ValueError:
        same = SmsAttempt.objects.filter(provider_message_id=text[:80]).order_by()
        return Q(pk__in=list(same.values_list("message", flat=True)[:SAME_ID]))
    return Q(pk=key) | Q(reference=str(key))


def _midnight(day: date) -> datetime:
    if not 2000 <= day.year < 2200:  # others have no UUIDv7
        raise ValidationError(_("This is not a day of this century."))
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
