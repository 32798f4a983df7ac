"""Adding people: clients and operators, validated and logged. Used by commands and pages alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import phonenumbers
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from clients.models import Client, ClientType, User
from clients.users import normalise

T = TypeVar("T")
R = TypeVar("R")

CLIENT_ADDED = log.action("clients.client_added", _("Client added"))
OPERATOR_ADDED = log.action("clients.operator_added", _("Operator added"))


@dataclass(frozen=True, slots=True)
class NewClient:
    email: str
    name: str = ""
    phone: str = ""  # E.164
    country: str = ""  # ISO 3166-1 alpha-2; taken from the phone when empty
    language: str = "en"
    type: ClientType = ClientType.INDIVIDUAL
    manager: User | None = None
    password: str | None = None  # None: none yet, the client cannot sign in


def add_client(new: NewClient, *, actor: log.Actor) -> Client:
    """The new client; ValidationError with a dictionary of reasons by field."""
    errors = _Errors()
    email = errors.unless(_free_email, new.email, field="email") or ""
    phone = (errors.unless(valid_phone, new.phone, field="phone") or "") if new.phone else ""
    country = errors.unless(_country, new.country, field="country") or country_of(phone)
    errors.unless(_language, new.language, field="language")
    user = User(email=email, name=new.name)
    if new.password is not None:
        errors.unless(lambda text: validate_password(text, user), new.password, field="password")
    errors.raise_any()
    with transaction.atomic():
        user.set_password(new.password)
        user.save()
        client = Client.objects.create(
            user=user,
            name=new.name,
            phone=phone,
            country=country,
            language=new.language,
            type=new.type,
            manager=new.manager,
        )
        log.record(
            CLIENT_ADDED, actor=actor, subject=f"user:{user.pk}", facts={"client": client.pk}
        )
    return client


def add_operator(
    email: str, *, groups: Sequence[str], password: str | None, actor: log.Actor
) -> User:
    """The new operator, who must enrol a second factor at first sign-in; errors as above."""
    errors = _Errors()
    user = User(email=errors.unless(_free_email, email, field="email") or "", is_staff=True)
    found = errors.unless(_groups, groups, field="group") or []
    if password is not None:
        errors.unless(lambda text: validate_password(text, user), password, field="password")
    errors.raise_any()
    with transaction.atomic():
        user.set_password(password)
        user.save()
        user.groups.set(found)
        names = [group.name for group in found]
        log.record(OPERATOR_ADDED, actor=actor, subject=f"user:{user.pk}", facts={"groups": names})
    return user


def valid_phone(text: str) -> str:
    """The number in E.164, or ValidationError."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("%(number)s is not a valid phone number. Write it like +33612345678."),
            params={"number": text},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def country_of(phone: str) -> str:
    """The country of an E.164 number, or ""."""
    if not phone:
        return ""
    return phonenumbers.region_code_for_number(phonenumbers.parse(phone, None)) or ""


class _Errors:
    """Collects what is wrong with every field, so that nobody corrects one at a time."""

    def __init__(self) -> None:
        self.by_field: dict[str, ValidationError] = {}

    def unless(self, check: Callable[[T], R], value: T, *, field: str) -> R | None:
        try:
            return check(value)
        except ValidationError as error:
            self.by_field[field] = error
            return None

    def raise_any(self) -> None:
        if self.by_field:
            raise ValidationError(dict(self.by_field))


def _free_email(text: str) -> str:
    email = normalise(text)
    validate_email(email)
    if User.objects.filter(email=email).exists():
        raise ValidationError(_("%(email)s is there already."), params={"email": email})
    return email


def _country(text: str) -> str:
    country = text.strip().upper()
    if country and country not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(
            _("%(country)s is not a country. Write two letters, like FR."),
            params={"country": text},
        )
    return country


def _language(text: str) -> str:
    known = [code for code, _name in settings.LANGUAGES]
    if text not in known:
        raise ValidationError(
            _("There is no language %(language)s; there are %(known)s."),
            params={"language": text, "known": ", ".join(known)},
        )
    return text


def _groups(names: Sequence[str]) -> list[Group]:
    by_name = {group.name.casefold(): group for group in Group.objects.all()}
    unknown = [name for name in names if name.casefold() not in by_name]
    if unknown:
        raise ValidationError(
            _("There is no group %(unknown)s; there are %(known)s."),
            params={
                "unknown": ", ".join(unknown),
                "known": ", ".join(sorted(group.name for group in by_name.values())),
            },
        )
    return [by_name[name.casefold()] for name in dict.fromkeys(names)]
