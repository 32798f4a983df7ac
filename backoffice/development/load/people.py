"""Clients in bulk: users with profiles, factors and counters, as two years of business left them.

Nobody signs in as one of them, unless a password is given for all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import Max

from backoffice.common.encryption import encrypt
from backoffice.development.load.countries import COUNTRIES, SHARES
from backoffice.development.load.rows import (
    DAY,
    Row,
    Rows,
    dashed,
    id_at,
    stamp,
    stamp_or_none,
)
from clients.models import Client, ClientStatus, ClientType, Tag, TwoFactor, User
from twofa import totp
from twofa.models import Authenticator, SmsConfirmation, VerificationState
from twofa.vocabulary import FactorKind

HOST = "load.example"
AGE = 730 * DAY
LOCK = 900_000  # milliseconds
FIRST = (
    "Ada", "Amir", "Anna", "Boris", "Carla", "Chen", "Clara", "David", "Elena", "Emil", "Farid",
    "Greta", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Karim", "Laura", "Leon", "Lina", "Marco",
    "Maria", "Mila", "Nadia", "Noah", "Olga", "Omar", "Paula", "Pedro", "Rosa", "Samir", "Sofia",
    "Tariq", "Theo", "Ulla", "Vera", "Viktor", "Yara", "Zoe",
)  # fmt: skip
LAST = (
    "Adams", "Almeida", "Bauer", "Berg", "Brown", "Conti", "Costa", "Dubois", "Dvorak", "Ferrari",
    "Fischer", "Garcia", "Hansen", "Haddad", "Ivanov", "Jansen", "Jensen", "Kaya", "Keller",
    "Kowalski", "Lambert", "Lopez", "Martin", "Meyer", "Moreau", "Murphy", "Nagy", "Novak",
    "Okafor", "Petrov", "Popescu", "Rossi", "Santos", "Schmidt", "Silva", "Smith", "Sousa",
    "Tanaka", "Virtanen", "Weber",
)  # fmt: skip
TAGS = ("vip", "api", "partner")
FACTORS = (TwoFactor.NONE, TwoFactor.SMS, TwoFactor.AUTHENTICATOR, TwoFactor.BOTH)
FACTOR_SHARES = tuple(accumulate((35, 30, 20, 15)))
STATUSES = (ClientStatus.ACTIVE, ClientStatus.BLOCKED, ClientStatus.CLOSED)
STATUS_SHARES = tuple(accumulate((960, 10, 30)))
COUNTRY_SHARES = tuple(accumulate(SHARES))
WITH_APP = frozenset({TwoFactor.AUTHENTICATOR, TwoFactor.BOTH})
WITH_SMS = frozenset({TwoFactor.SMS, TwoFactor.BOTH})


@dataclass(slots=True)
class Batch:
    """Some clients. `tagged` holds users, in hexadecimal, and the key of a tag for each."""

    size: int
    rows: Rows = field(default_factory=Rows)
    tagged: dict[str, int] = field(default_factory=dict)


class People:
    """Makes clients, the oldest first. `now` is in milliseconds; `password` "": nobody signs in."""

    def __init__(self, random: Random, *, now: int, password: str) -> None:
        self.random, self.now = random, now
        # One hash for all: it is made to be slow.
        self.password = make_password(password or None)
        self.managers = list(User.objects.filter(is_staff=True).values_list("pk", flat=True)[:20])
        self.tags = [Tag.objects.get_or_create(name=name)[0].pk for name in TAGS]
        self.first_number = _highest_number() + 1

    def batches(self, total: int, *, size: int) -> Iterator[Batch]:
        for start in range(0, total, size):
            end = min(start + size, total)
            batch = Batch(end - start)
            for index in range(start, end):
                self._add(batch, index, total)
            yield batch

    def write(self, batch: Batch) -> None:
        batch.rows.write()
        through = Client.tags.through
        found = Client.objects.filter(user__in=map(UUID, batch.tagged))
        through.objects.bulk_create(
            through(client_id=client, tag_id=batch.tagged[user.hex])
            for client, user in found.values_list("pk", "user_id")
        )

    def _add(self, batch: Batch, index: int, total: int) -> None:
        random = self.random
        created = self.now - AGE + int((index + random.random()) / total * (AGE - DAY))
        user = id_at(created, random)
        name = f"{random.choice(FIRST)} {random.choice(LAST)}"
        status = random.choices(STATUSES, cum_weights=STATUS_SHARES)[0]
        batch.rows.add(
            User,
            id=user,
            email=_email(self.first_number + index, name),
            name=name,
            password=self.password,
            is_active=int(status == ClientStatus.ACTIVE),
            last_login=stamp(self._since(created)) if random.random() < 0.9 else None,
            date_joined=stamp(created),
        )
        self._add_client(batch.rows, user, name, status, created)
        if random.random() < 0.06:
            batch.tagged[user] = random.choice(self.tags)

    def _add_client(
        self, rows: Rows, user: str, name: str, status: ClientStatus, created: int
    ) -> None:
        random = self.random
        country = random.choices(COUNTRIES, cum_weights=COUNTRY_SHARES)[0]
        number = country.number(random)
        two_factor = random.choices(FACTORS, cum_weights=FACTOR_SHARES)[0]
        kind = ClientType.COMPANY if random.random() < 0.08 else ClientType.INDIVIDUAL
        rows.add(
            Client,
            user_id=user,
            name=name,
            phone=number,
            phone_confirmed_at=stamp(created) if two_factor in WITH_SMS else None,
            country=country.code,
            language=country.language,
            type=kind.value,
            status=status.value,
            verification_level=random.randrange(4),
            manager_id=self._manager(),
            two_factor=two_factor.value,
            last_trouble_at=self._trouble(),
            created_at=stamp(created),
        )
        if two_factor != TwoFactor.NONE:
            self._add_factors(rows, user, two_factor, number, created)

    def _add_factors(
        self, rows: Rows, user: str, two_factor: TwoFactor, number: str, created: int
    ) -> None:
        begun = created + int(self.random.random() * (self.now - created))
        used = stamp(self._since(begun))
        facts: Row = {
            "user_id": user,
            "confirmed": 1,
            "created_at": stamp(begun),
            "confirmed_at": stamp(begun),
            "last_used_at": used,
        }
        if two_factor in WITH_APP:
            key = id_at(begun, self.random)
            seed = encrypt(totp.new_seed(), place=f"twofa.Authenticator.seed:{dashed(key)}")
            rows.add(Authenticator, id=key, seed=seed, **facts)
        if two_factor in WITH_SMS:
            rows.add(SmsConfirmation, id=id_at(begun, self.random), number=number, **facts)
        last = FactorKind.SMS if two_factor in WITH_SMS else FactorKind.AUTHENTICATOR
        state = {"last_factor": last.value, "last_success_at": used}
        rows.add(VerificationState, user_id=user, **state, **self._counters())

    def _counters(self) -> Row:
        """Wrong codes since the last success: mostly none, seldom enough to lock."""
        drawn, failures = self.random.random(), 0
        failed = locked = hard = None
        if drawn < 0.03:
            failures = self.random.randint(1, 4)
            failed = self.now - int(self.random.random() * 30 * DAY)
        if drawn < 0.001:
            failures, failed = 5, self.now - int(self.random.random() * LOCK)
            locked = failed + LOCK
        if drawn < 0.0005:
            failures, hard = 10, failed
        return {
            "failures": failures,
            "last_failure_at": stamp_or_none(failed),
            "locked_until": stamp_or_none(locked),
            "hard_locked_at": stamp_or_none(hard),
        }

    def _trouble(self) -> str | None:
        if self.random.random() > 0.08:
            return None
        return stamp(self.now - int(self.random.random() * 90 * DAY))

    def _manager(self) -> str | None:
        if not self.managers or self.random.random() < 0.3:
            return None
        return self.random.choice(self.managers).hex

    def _since(self, begin: int) -> int:
        """A moment since then, more likely a late one."""
        return self.now - int((self.now - begin) * self.random.random() ** 3)


def _email(number: int, name: str) -> str:
    """The number stands first, padded, so that the highest one is the last by letter."""
    return f"{number:09d}.{name.lower().replace(' ', '.')}@{HOST}"


def _highest_number() -> int:
    """Of an earlier load, whose clients stay."""
    last = User.objects.filter(email__endswith=f"@{HOST}").aggregate(last=Max("email"))["last"]
    return int(last.split(".")[0]) if last else 0
