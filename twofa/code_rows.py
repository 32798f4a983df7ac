"""The rows that each page about a code reads, by queries whose SQL is made once."""

from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet

from backoffice.common.ready_queries import ReadyQuery
from backoffice.common.ready_values import ReadyValues
from clients.models import Client, User
from twofa.models import Authenticator, Challenge, CodeAttempt, SmsConfirmation
from twofa.vocabulary import FactorKind

F = TypeVar("F", bound=Model)
# How far back an older code is still told apart from a wrong one.
OLDER_CODES = 10

_SOMEBODY, _LONG_AGO = UUID(int=0), datetime.min.replace(tzinfo=UTC)


def newest_asked(user: User, *, factor: str, purpose: str, binding: str) -> Challenge | None:
    """The session's newest challenge of that purpose, dead or alive."""
    return next(iter(_newest_asked(user.pk, str(factor), str(purpose), binding)), None)


def authenticator_of(user_id: UUID, *, confirmed: bool = True) -> Authenticator | None:
    """The one in force, or the one that is being enrolled."""
    return next(iter(_authenticators[confirmed](user_id)), None)


def number_of(user_id: UUID, *, confirmed: bool = True) -> SmsConfirmation | None:
    """The same of SMS confirmation."""
    return next(iter(_numbers[confirmed](user_id)), None)


def sent_since(user_id: UUID, moment: datetime) -> list[Challenge]:
    """The newest challenges by SMS, of any session."""
    return _sent_since(user_id, moment)


def sent_before(challenge: Challenge, *, since: datetime) -> list[Challenge]:
    """The same, older than this one."""
    return _sent_before(challenge.user_id, challenge.pk, since)


def tried_steps(factor_id: UUID, *, between: tuple[int, int]) -> list[tuple[int | None, str]]:
    """The steps of an app's codes that were typed, from the first to the last, with outcomes."""
    return _tried_steps(factor_id, *between)


def person(user_id: UUID) -> User | None:
    """The user with the client's profile at hand."""
    user = next(iter(_users(user_id)), None)
    if user is not None:
        profile = next(iter(_profiles(user_id)), None)
        User._meta.get_field("client").set_cached_value(user, profile)
    return user


def chosen_among(user: User) -> tuple[frozenset[FactorKind], str, str]:
    """The kinds of the confirmed main factors; the preferred one, and the one used last, or ""."""
    has_app, has_number, preferred, last = next(iter(_standing(user.pk)), (False, False, "", ""))
    on = {FactorKind.AUTHENTICATOR: has_app, FactorKind.SMS: has_number}
    return frozenset(kind for kind in on if on[kind]), preferred or "", last or ""


_newest_asked = ReadyQuery(
    lambda user_id, factor, purpose, binding: Challenge.objects.filter(
        user=user_id, factor=factor, purpose=purpose, binding=binding
    ).order_by("-id")[:1],
    _SOMEBODY,
    "factor",
    "purpose",
    "binding",
)


def _of_model(model: type[F], *, confirmed: bool) -> ReadyQuery[F]:
    def make(user_id: UUID) -> QuerySet[F]:
        return model._default_manager.filter(user=user_id, confirmed=confirmed)[:1]

    return ReadyQuery(make, _SOMEBODY)


_authenticators = {is_on: _of_model(Authenticator, confirmed=is_on) for is_on in (True, False)}
_numbers = {is_on: _of_model(SmsConfirmation, confirmed=is_on) for is_on in (True, False)}


def _sent(user_id: UUID, moment: datetime) -> QuerySet[Challenge]:
    by_sms = Challenge.objects.filter(user=user_id, factor=FactorKind.SMS, created_at__gt=moment)
    return by_sms.order_by("-id")


_sent_since = ReadyQuery(
    lambda user_id, moment: _sent(user_id, moment)[:OLDER_CODES], _SOMEBODY, _LONG_AGO
)
_sent_before = ReadyQuery(
    lambda user_id, pk, moment: _sent(user_id, moment).filter(pk__lt=pk)[:OLDER_CODES],
    _SOMEBODY,
    UUID(int=1),
    _LONG_AGO,
)


def _has(model: type[F]) -> Exists:
    return Exists(model._default_manager.filter(user=OuterRef("pk"), confirmed=True))


_standing: ReadyValues[tuple[bool, bool, str | None, str | None]] = ReadyValues(
    lambda user_id: User.objects.filter(pk=user_id).values_list(
        _has(Authenticator),
        _has(SmsConfirmation),
        "verification_state__preferred_factor",
        "verification_state__last_factor",
    ),
    _SOMEBODY,
)
_tried_steps: ReadyValues[tuple[int | None, str]] = ReadyValues(
    lambda factor_id, first, last: (
        CodeAttempt.objects.filter(
            factor_id=factor_id, matched_step__gte=first, matched_step__lte=last
        )
        .order_by()
        .values_list("matched_step", "outcome")
    ),
    _SOMEBODY,
    -1,
    -2,
)
_users = ReadyQuery(lambda user_id: User.objects.filter(pk=user_id), _SOMEBODY)
_profiles = ReadyQuery(lambda user_id: Client.objects.filter(user=user_id)[:1], _SOMEBODY)
