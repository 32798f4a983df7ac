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
from backoffice.development.load.rows import DAY, Row, Table, dashed, id_at, stamp
from clients.models import Client, ClientStatus, ClientType, Tag, TwoFactor, User
from twofa import totp
from twofa.models import Authenticator, SmsConfirmation, VerificationState
from twofa.vocabulary import FactorKind

HOST = "load.example"
AGE = 730 * DAY
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
    """Rows of some clients, by table; `tagged` holds users and the name of a tag for each."""

    users: list[Row] = field(default_factory=list)
    clients: list[Row] = field(default_factory=list)
    authenticators: list[Row] = field(default_factory=list)
    confirmations: list[Row] = field(default_factory=list)
    states: list[Row] = field(default_factory=list)
    tagged: list[tuple[str, str]] = field(default_factory=list)


class People:
    """Makes clients, the oldest first. `now` is in milliseconds; `password` "": nobody signs in."""

    def __init__(self, random: Random, *, now: int, password: str) -> None:
        self.random, self.now = random, now
        # One hash for all: it is made to be slow.
        self.password = make_password(password or None)
        self.managers = list(User.objects.filter(is_staff=True).values_list("pk", flat=True)[:20])
        self.first_number = _highest_number() + 1
        self.tags = {name: Tag.objects.get_or_create(name=name)[0].pk for name in TAGS}
        self.users = Table(
            User, "id", "email", "name", "password", "is_active", "last_login", "date_joined"
        )
        self.clients = Table(
            Client,
            *("user_id", "name", "phone", "phone_confirmed_at", "country", "language", "type"),
            *("status", "verification_level", "manager_id", "two_factor", "last_trouble_at"),
            "created_at",
        )
        factor = ("id", "user_id", "confirmed", "created_at", "confirmed_at", "last_used_at")
        self.authenticators = Table(Authenticator, *factor, "seed")
        self.confirmations = Table(SmsConfirmation, *factor, "number")
        self.states = Table(
            VerificationState,
            *("user_id", "failures", "last_failure_at", "locked_until", "hard_locked_at"),
            *("last_factor", "last_success_at"),
        )

    def batches(self, total: int, *, size: int) -> Iterator[Batch]:
        for start in range(0, total, size):
            batch = Batch()
            for index in range(start, min(start + size, total)):
                self._add(batch, index, total)
            yield batch

    def write(self, batch: Batch) -> None:
        self.users.write(batch.users)
        self.clients.write(batch.clients)
        self.authenticators.write(batch.authenticators)
        self.confirmations.write(batch.confirmations)
        self.states.write(batch.states)
        self._tag(batch)

    def _add(self, batch: Batch, index: int, total: int) -> None:
        random = self.random
        created = self.now - AGE + int((index + random.random()) / total * (AGE - DAY))
        user = id_at(created, random)
        name = f"{random.choice(FIRST)} {random.choice(LAST)}"
        country = random.choices(COUNTRIES, cum_weights=COUNTRY_SHARES)[0]
        number = country.number(random)
        status = random.choices(STATUSES, cum_weights=STATUS_SHARES)[0]
        two_factor = random.choices(FACTORS, cum_weights=FACTOR_SHARES)[0]
        seen = self._since(created) if random.random() < 0.9 else None
        batch.users.append(
            (
                user,
                _email(self.first_number + index, name),
                name,
                self.password,
                int(status == ClientStatus.ACTIVE),
                stamp(seen) if seen else None,
                stamp(created),
            )
        )
        batch.clients.append(
            (
                user,
                name,
                number,
                stamp(created) if two_factor in WITH_SMS else None,
                country.code,
                country.language,
                ClientType.COMPANY.value if random.random() < 0.08 else ClientType.INDIVIDUAL.value,
                status.value,
                random.randrange(4),
                self._manager(),
                two_factor.value,
                self._trouble(),
                stamp(created),
            )
        )
        if random.random() < 0.06:
            batch.tagged.append((user, random.choice(TAGS)))
        if two_factor != TwoFactor.NONE:
            self._add_factors(batch, user, two_factor, number, created)

    def _add_factors(
        self, batch: Batch, user: str, two_factor: TwoFactor, number: str, created: int
    ) -> None:
        begun = created + int(self.random.random() * (self.now - created))
        used = self._since(begun)
        times = (1, stamp(begun), stamp(begun), stamp(used))
        if two_factor in WITH_APP:
            key = id_at(begun, self.random)
            seed = encrypt(totp.new_seed(), place=f"twofa.Authenticator.seed:{dashed(key)}")
            batch.authenticators.append((key, user, *times, seed))
        if two_factor in WITH_SMS:
            batch.confirmations.append((id_at(begun, self.random), user, *times, number))
        last = FactorKind.SMS if two_factor in WITH_SMS else FactorKind.AUTHENTICATOR
        batch.states.append((user, *self._counters(), last.value, stamp(used)))

    def _counters(self) -> Row:
        """Wrong codes since the last success: mostly none, seldom enough to lock."""
        drawn = self.random.random()
        if drawn > 0.03:
            return (0, None, None, None)
        failed = self.now - int(self.random.random() * 30 * DAY)
        if drawn < 0.0005:
            return (10, stamp(failed), None, stamp(failed))
        if drawn < 0.001:
            failed = self.now - int(self.random.random() * 600_000)
            return (5, stamp(failed), stamp(failed + 900_000), None)
        return (self.random.randint(1, 4), stamp(failed), None, None)

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

    def _tag(self, batch: Batch) -> None:
        wanted = {UUID(user): self.tags[name] for user, name in batch.tagged}
        found = Client.objects.filter(user__in=wanted).values_list("pk", "user_id")
        through = Client.tags.through
        through.objects.bulk_create(
            through(client_id=client, tag_id=wanted[user]) for client, user in found
        )


def _email(number: int, name: str) -> str:
    """The number stands first, padded, so that the highest one is the last by letter."""
    return f"{number:09d}.{name.lower().replace(' ', '.')}@{HOST}"


def _highest_number() -> int:
    """Of an earlier load, whose clients stay."""
    last = User.objects.filter(email__endswith=f"@{HOST}").aggregate(last=Max("email"))["last"]
    return int(last.split(".")[0]) if last else 0
