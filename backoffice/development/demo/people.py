"""The people of the demo: invented names, and valid numbers that lead only to the sandbox."""

from dataclasses import dataclass
from enum import Enum

import phonenumbers

from clients.models import ClientStatus, ClientType, TwoFactor, VerificationLevel


class Story(Enum):
    """What happened to a client; `stories.py` makes it happen."""

    WRONG_CODES = "three wrong codes, not locked yet"
    LOCKED = "five wrong codes in a row: locked for a while"
    HARD_LOCKED = "ten without a success: locked until somebody unlocks"
    UNFINISHED = "an authenticator was begun and never confirmed"
    NUMBER_CHANGED = "the profile has another number than the one that gets the codes"
    COUNTRY_CLOSED = "asked for a code in a country that is not served"


@dataclass(frozen=True, slots=True)
class Operator:
    email: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Person:
    email: str
    name: str
    country: str
    language: str = "en"
    two_factor: TwoFactor = TwoFactor.NONE
    story: Story | None = None
    level: VerificationLevel = VerificationLevel.IDENTITY
    type: ClientType = ClientType.INDIVIDUAL
    status: ClientStatus = ClientStatus.ACTIVE
    tags: tuple[str, ...] = ()


OPERATORS = (
    Operator("admin@example.com", "Ada Novak", "Administrator"),
    Operator("support@example.com", "Sam Okafor", "Support"),
    Operator("security@example.com", "Sofia Lindqvist", "Security desk"),
    Operator("integrator@example.com", "Ivan Petrov", "Integrator"),
)

_NONE, _SMS = TwoFactor.NONE, TwoFactor.SMS
_APP, _BOTH = TwoFactor.AUTHENTICATOR, TwoFactor.BOTH
_FULL, _BASIC = VerificationLevel.FULL, VerificationLevel.BASIC


def _client(name: str, country: str, **facts: object) -> Person:
    first, last = name.lower().replace("é", "e").replace("ü", "u").split(" ", 1)
    email = f"{first}.{last.replace(' ', '-')}@example.com"
    return Person(email, name, country, **facts)  # type: ignore[arg-type]  # facts are Person's fields


CLIENTS = (
    Person("client@example.com", "Clara Client", "FR", "en", _SMS, tags=("demo",), level=_FULL),
    _client("Anna Schmidt", "DE", language="de", two_factor=_APP, level=_FULL, tags=("vip",)),
    _client("Bruno Rossi", "IT", two_factor=_SMS),
    _client("Chloe Martin", "FR", language="fr", two_factor=_BOTH, level=_FULL),
    _client("Daniel Garcia", "ES", language="es", two_factor=_BOTH, story=Story.LOCKED),
    _client("Emma Wilson", "GB", two_factor=_APP, story=Story.HARD_LOCKED),
    _client("Filip Kowalski", "PL", two_factor=_SMS, story=Story.NUMBER_CHANGED),
    _client("Greta Berg", "SE", story=Story.UNFINISHED),
    _client("Henry Adams", "US", two_factor=_BOTH, tags=("vip", "api")),
    _client("Ines Ferreira", "PT", two_factor=_SMS),
    _client("Jonas Weber", "AT", language="de", two_factor=_APP),
    _client("Karin Dubois", "BE", language="fr", two_factor=_SMS),
    _client("Lars Jensen", "DK"),
    _client("Maria Lopez", "ES", language="es", two_factor=_BOTH, level=_FULL),
    _client("Nils Hansen", "NO", two_factor=_SMS),
    _client("Olivia Brown", "CA", two_factor=_APP),
    _client("Pavel Dvorak", "CZ", two_factor=_SMS),
    _client("Quentin Moreau", "FR", language="fr", level=_BASIC),
    _client("Rosa Conti", "IT", two_factor=_BOTH),
    _client("Stefan Ivanov", "BG", language="ru", two_factor=_BOTH, story=Story.WRONG_CODES),
    _client("Tara Murphy", "IE", two_factor=_APP, story=Story.WRONG_CODES),
    _client("Ulla Virtanen", "FI", two_factor=_SMS, level=_BASIC),
    _client("Viktor Nagy", "HU", two_factor=_SMS),
    _client("Wilma Visser", "NL", two_factor=_BOTH),
    _client("Xenia Popescu", "RO", level=_BASIC, status=ClientStatus.BLOCKED, two_factor=_SMS),
    _client("Yara Haddad", "AE", language="ar", two_factor=_SMS, story=Story.COUNTRY_CLOSED),
    _client("Zoe Papadaki", "GR", two_factor=_SMS),
    _client("Northwind Trading", "GB", type=ClientType.COMPANY, two_factor=_BOTH, tags=("api",)),
    _client("Alpine Metals", "CH", language="de", type=ClientType.COMPANY, two_factor=_APP),
    _client("Old Account", "AU", status=ClientStatus.CLOSED),
)


def phone_of(country: str, index: int) -> str:
    """A valid mobile number of the country in E.164, another one for each index from 0 to 99."""
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        raise LookupError(f"no example of a mobile number for {country}")
    national = str(example.national_number)
    number = phonenumbers.PhoneNumber(
        country_code=example.country_code, national_number=int(f"{national[:-2]}{index:02d}")
    )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
