"""The form of Provider settings: what is common to all providers, and the backend's own form.

It only translates between the page and `smsproviders.configuring`, which says what is right.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from smsproviders.backends import backend_class
from smsproviders.contract import FieldGroup, SettingsForm
from smsproviders.models import SmsProvider
from smsproviders.provider_fields import ProviderFields, settings_form, stored_secrets

CLEAR = "clear-"
OF_DESTINATIONS = ("sender", "senders", "countries")


class CommonForm(forms.Form):
    caption = forms.CharField(
        label=_("Caption"), max_length=100, help_text=_("What operators call this provider.")
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=50,
        help_text=_(
            "Stands in the address for delivery reports, and cannot be changed later. Made of the "
            "caption when left empty."
        ),
    )
    enabled = forms.BooleanField(
        label=_("Enabled"), required=False, help_text=_("Only enabled providers send codes.")
    )
    priority = forms.IntegerField(
        label=_("Priority"),
        initial=10,
        min_value=0,
        max_value=32767,
        help_text=_("The lowest number is tried first; the next one when that fails."),
    )
    sender = forms.CharField(
        label=_("Sender"),
        required=False,
        max_length=50,
        help_text=_("The number or name that clients see, unless their country has its own below."),
    )
    senders = forms.CharField(
        label=_("Senders by country"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "US: +15005550006"}),
        help_text=_("One a line: the country's two letters, a colon, the sender."),
    )
    countries = forms.CharField(
        label=_("Countries served"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Two letters each, with commas: FR, DE. Empty: all that Settings allow."),
    )
    low_balance = forms.DecimalField(
        label=_("Low-balance threshold"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        help_text=_("Below it the balance is marked as low. In the currency of the account."),
    )
    messages_per_second = forms.FloatField(
        label=_("Messages per second"),
        required=False,
        min_value=0.01,
        max_value=10_000,
        help_text=_(
            "What the account may send; more wait their turn. Empty: what is usual for this kind "
            "of provider, if there is a limit."
        ),
    )

    def clean_senders(self) -> dict[str, str]:
        senders: dict[str, str] = {}
        for line in self.cleaned_data["senders"].splitlines():
            country, colon, sender = line.partition(":")
            if line.strip() and not (colon and country.strip() and sender.strip()):
                raise ValidationError(_("Write each line as US: +15005550006."))
            senders[country.strip()] = sender.strip()
        senders.pop("", None)
        return senders

    def clean_countries(self) -> list[str]:
        text: str = self.cleaned_data["countries"]
        return [part for part in text.replace(",", " ").split() if part]


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Number"),
        max_length=30,
        help_text=_("Of a phone at hand, with + and country code."),
        widget=forms.TextInput(
            attrs={"type": "tel", "autocomplete": "off", "placeholder": "+447700900123"}
        ),
    )


class ProviderForm:
    """Both forms as one: for a new provider, or an existing one."""

    def __init__(
        self,
        backend: str,
        *,
        provider: SmsProvider | None = None,
        data: Any = None,
        may_change: bool = True,
    ) -> None:
        self.kind = backend_class(backend)
        self.provider = provider
        self.data = data
        self.common = CommonForm(data, initial=_shown(provider), label_suffix="")
        if provider is not None:
            del self.common.fields["name"]
        self.own: SettingsForm = settings_form(backend, provider=provider, data=data)
        self.own.label_suffix = ""
        self.stored = stored_secrets(provider) if provider else frozenset[str]()
        if not may_change:
            for field in (*self.common.fields.values(), *self.own.fields.values()):
                field.disabled = True

    def fields(self) -> ProviderFields | None:
        """What the page says, or None when the common part cannot even be read."""
        if not self.common.is_valid():
            self._keep_quiet()
            return None
        given = self.common.cleaned_data
        return ProviderFields(
            caption=given["caption"],
            backend=self.kind.key,
            name=given.get("name", ""),
            enabled=given["enabled"],
            priority=given["priority"],
            senders={**given["senders"], "": given["sender"]},
            countries=given["countries"],
            low_balance=given["low_balance"],
            messages_per_second=given["messages_per_second"],
            credentials=self._credentials(),
            cleared=frozenset(key for key in self.stored if f"{CLEAR}{key}" in self.data),
        )

    def refuse(self, reasons: Mapping[str, Sequence[str]]) -> None:
        """Show what `smsproviders.configuring` found wrong, each beside its field."""
        self._keep_quiet()
        for key, words in reasons.items():
            if key in self.own.fields:
                self.own.add_error(key, list(words))
            else:
                self.common.add_error(key if key in self.common.fields else None, list(words))

    def general_rows(self) -> list[Any]:
        return [field for field in self.common if field.name not in OF_DESTINATIONS]

    def destination_rows(self) -> list[Any]:
        return [self.common[name] for name in OF_DESTINATIONS]

    @property
    def has_secrets(self) -> bool:
        return bool(self.kind.secrets)

    @property
    def has_errors(self) -> bool:
        return bool(self.common.errors or self.own.errors) if self.data is not None else False

    def own_rows(self) -> list[dict[str, Any]]:
        """The backend's fields for the template; a secret says whether it is set."""
        return [self._row(field) for field in self.own]

    def own_groups(self) -> list[dict[str, Any]]:
        """The same rows as the backend groups them; all in one without a title where it does not.

        A folded group is open where it says more than what it begins with, or something wrong.
        """
        groups = self.own.groups or [FieldGroup("", tuple(self.own.fields))]
        return [
            {
                "title": group.title,
                "about": group.about,
                "rows": [self._row(self.own[name]) for name in group.names],
                "folded": group.folded,
                "is_open": any(map(self._says_something, group.names)),
            }
            for group in groups
        ]

    def _says_something(self, name: str) -> bool:
        field = self.own[name]
        usual = str(self.own.base_fields[name].initial or "").splitlines()
        return bool(
            field.errors or name in self.stored or str(field.value() or "").splitlines() != usual
        )

    def _row(self, field: Any) -> dict[str, Any]:
        is_set = field.name in self.stored
        optional = not self.own.base_fields[field.name].required
        return {
            "field": field,
            "is_secret": field.name in self.kind.secrets,
            "is_set": is_set,
            "clear": f"{CLEAR}{field.name}" if is_set and optional else "",
        }

    def _credentials(self) -> dict[str, Any]:
        """As posted; whether it is right is asked of `configuring`, which knows what is stored."""
        return {
            name: field.widget.value_from_datadict(self.data, {}, name)
            for name, field in self.own.fields.items()
        }

    def _keep_quiet(self) -> None:
        """The own form by itself would miss the stored secrets: it must not judge."""
        # What `full_clean` would set; Django offers no other way to hand a form its errors.
        self.own._errors = ErrorDict(renderer=self.own.renderer)  # type: ignore[attr-defined]
        self.own.cleaned_data = {}


def reasons_of(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return error.message_dict
    return {NON_FIELD_ERRORS: error.messages}


def _shown(provider: SmsProvider | None) -> dict[str, Any]:
    if provider is None:
        return {}
    by_country = sorted((key, value) for key, value in provider.senders.items() if key)
    return {
        "caption": provider.caption,
        "enabled": provider.enabled,
        "priority": provider.priority,
        "sender": provider.sender_for(""),
        "senders": "\n".join(f"{country}: {sender}" for country, sender in by_country),
        "countries": ", ".join(provider.countries),
        "low_balance": provider.low_balance,
        "messages_per_second": provider.messages_per_second,
    }
