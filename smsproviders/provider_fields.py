"""What an operator sets of a provider, and whether it is right.

Secrets are write-only: they are never shown, and a blank one keeps what is stored.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsproviders.backends import UnknownBackend, backend_class
from smsproviders.contract import SettingsForm, SmsBackend
from smsproviders.destinations import clean_countries, clean_senders
from smsproviders.models import SmsProvider

UNSHOWN = ["encrypted_credentials", "senders", "countries"]


@dataclass(frozen=True, slots=True)
class ProviderFields:
    """Everything that is set.

    `name` and `backend` are only read for a new provider; without a name the caption makes it.
    `senders` are by country code, "" for the default one. `credentials` are what the backend's own
    form takes: a secret left out or blank keeps its stored value, unless it is named in `cleared`;
    any other setting left out is emptied.
    """

    caption: str
    backend: str
    name: str = ""
    enabled: bool = True
    priority: int = 10
    senders: Mapping[str, str] = field(default_factory=dict)
    countries: Iterable[str] = ()
    low_balance: Decimal | None = None
    messages_per_second: float | None = None
    credentials: Mapping[str, Any] = field(default_factory=dict, repr=False)
    cleared: frozenset[str] = frozenset()


def fields_of(provider: SmsProvider) -> ProviderFields:
    """The present values without the secrets, to be changed with `dataclasses.replace`."""
    return ProviderFields(
        caption=provider.caption,
        backend=provider.backend,
        name=provider.name,
        enabled=provider.enabled,
        priority=provider.priority,
        senders=provider.senders,
        countries=provider.countries,
        low_balance=provider.low_balance,
        messages_per_second=provider.messages_per_second,
        credentials=_shown_settings(provider),
    )


def settings_form(
    backend: str, *, provider: SmsProvider | None = None, data: Mapping[str, Any] | None = None
) -> SettingsForm:
    """The backend's own form, to be shown: with the stored values, or bound to `data`.

    Raises UnknownBackend. A secret that is stored is neither shown nor asked for again.
    """
    kind = backend_class(backend)
    form = kind.settings_form(data=data, initial=_shown_settings(provider) if provider else None)
    kept = stored_secrets(provider) if provider else frozenset()
    for key in kind.secrets:
        secret = form.fields[key]
        secret.widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        if key in kept:
            secret.required = False
            secret.widget.attrs["placeholder"] = _("Set. Leave blank to keep it.")
    return form


def stored_secrets(provider: SmsProvider) -> frozenset[str]:
    """The names of the secrets that hold a value."""
    secrets = backend_class(provider.backend).secrets
    return frozenset(key for key in secrets if provider.credentials.get(key))


def fill(provider: SmsProvider, fields: ProviderFields) -> None:
    """Put the fields into the row, unsaved; ValidationError with all reasons by field.

    The reasons of the backend's own form stand under its fields' names.
    """
    errors: dict[str, list[Any]] = {}

    def collect(put: Callable[[], None], *, under: str = "") -> None:
        try:
            put()
        except ValidationError as error:
            errors.update({under: error.messages} if under else error.message_dict)

    def put_senders() -> None:
        provider.senders = clean_senders(fields.senders)

    def put_countries() -> None:
        provider.countries = clean_countries(fields.countries)

    def put_credentials() -> None:
        provider.credentials = _clean_credentials(provider, fields)

    provider.caption = fields.caption.strip()
    provider.enabled = fields.enabled
    provider.priority = fields.priority
    provider.low_balance = fields.low_balance
    provider.messages_per_second = fields.messages_per_second
    collect(put_senders, under="senders")
    collect(put_countries, under="countries")
    collect(put_credentials)
    collect(lambda: provider.full_clean(exclude=UNSHOWN))
    if errors:
        raise ValidationError(errors)


def _clean_credentials(provider: SmsProvider, fields: ProviderFields) -> dict[str, Any]:
    kind = _kind(provider.backend)
    given = {key: value for key, value in fields.credentials.items() if value not in (None, "")}
    _refuse_unknown_settings(kind, given)
    kept = {
        key: value
        for key, value in provider.credentials.items()
        if key in kind.secrets and key not in fields.cleared
    }
    _refuse_sending_elsewhere(kind, provider.credentials, kept=kept, given=given)
    form = kind.settings_form(data={**kept, **given}, default_sender=provider.sender_for(""))
    if form.is_valid():
        form.ask_around()
    if form.errors:
        raise ValidationError({key: list(reasons) for key, reasons in form.errors.items()})
    return form.cleaned_data


def _refuse_unknown_settings(kind: type[SmsBackend], given: Mapping[str, Any]) -> None:
    known = kind.settings_form.base_fields
    reason = _("There is no such setting; those of %(backend)s are %(known)s.") % {
        "backend": kind.key,
        "known": ", ".join(known),
    }
    if unknown := given.keys() - known.keys():
        raise ValidationError({key: [reason] for key in sorted(unknown)})


def _refuse_sending_elsewhere(
    kind: type[SmsBackend],
    stored: Mapping[str, Any],
    *,
    kept: Mapping[str, Any],
    given: Mapping[str, Any],
) -> None:
    untyped = {key for key, value in kept.items() if value and key not in given}
    reason = _("Type it again: by this change it would be sent to another place than before.")
    if refused := untyped & kind.secrets_to_retype(stored, given):
        raise ValidationError({key: [reason] for key in sorted(refused)})


def _kind(backend: str) -> type[SmsBackend]:
    try:
        return backend_class(backend)
    except UnknownBackend as error:
        raise ValidationError({"backend": [str(error)]}) from None


def _shown_settings(provider: SmsProvider) -> dict[str, Any]:
    secrets = backend_class(provider.backend).secrets
    return {key: value for key, value in provider.credentials.items() if key not in secrets}
