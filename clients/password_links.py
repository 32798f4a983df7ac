"""Links to choose a password by: made, found and used up. What they say is told by `twofa`.

A link is for one account as it is. It dies with its use, its time, a newer one of its kind, a
changed password or e-mail address, a sign-in, and while the account is blocked or closed.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.crypto import salted_hmac

from clients.link_models import LinkPurpose
from clients.models import PasswordLink, User

SALT = "clients.password_links"


@dataclass(frozen=True, slots=True)
class NewLink:
    """`token` is known now and never again: it goes into one e-mail."""

    link: PasswordLink
    token: str


def make(user: User, purpose: LinkPurpose, *, life: timedelta) -> NewLink:
    """An earlier one of the kind is void. The caller holds the user's row in a transaction."""
    at, token = timezone.now(), secrets.token_urlsafe(32)
    rows = PasswordLink.objects.filter(user=user, purpose=purpose, used_at=None)
    rows.filter(expires_at__gt=at).update(expires_at=at)
    link = PasswordLink.objects.create(
        user=user,
        purpose=purpose,
        token_digest=_digest(token),
        stamp=_stamp(user),
        at=at,
        expires_at=at + life,
    )
    return NewLink(link, token)


def find(token: str) -> PasswordLink | None:
    """The link of a token, if it is open."""
    return _open(token_digest=_digest(token))


def find_open(key: UUID) -> PasswordLink | None:
    """The link itself, if it is open, as it stands in the database now."""
    return _open(pk=key)


def use_up(link: PasswordLink) -> None:
    """The caller holds the user's row, and asked `find_open` meanwhile."""
    PasswordLink.objects.filter(pk=link.pk).update(used_at=timezone.now())


def is_open(link: PasswordLink, *, at: datetime) -> bool:
    return (
        link.used_at is None
        and at < link.expires_at
        and link.user.may_sign_in
        and hmac.compare_digest(link.stamp, _stamp(link.user))
    )


def made_since(user: User, purpose: LinkPurpose, since: datetime) -> int:
    return PasswordLink.objects.filter(user=user, purpose=purpose, at__gt=since).count()


def newest(user: User, purpose: LinkPurpose) -> PasswordLink | None:
    return PasswordLink.objects.filter(user=user, purpose=purpose).order_by("-at").first()


def last_used_at(user: User, purpose: LinkPurpose) -> datetime | None:
    rows = PasswordLink.objects.filter(user=user, purpose=purpose, used_at__isnull=False)
    newest = rows.order_by("-used_at").first()
    return newest.used_at if newest else None


def _open(**which: object) -> PasswordLink | None:
    rows = PasswordLink.objects.select_related("user__client")
    link = rows.filter(**which).first()
    return link if link and is_open(link, at=timezone.now()) else None


def _stamp(user: User) -> str:
    last = user.last_login.isoformat() if user.last_login else ""
    told = f"{user.pk}|{user.password}|{last}|{user.email}"
    return salted_hmac(SALT, told, algorithm="sha256").hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
