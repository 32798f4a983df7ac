"""The e-mails with a link to choose a password."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from clients.link_keys import INVITATION_DAYS, RESET_MINUTES
from clients.models import PasswordLink
from clients.password_links import NewLink
from twofa import notices
from twofa.notices import NoticeKind


def reset(made: NewLink) -> None:
    facts: dict[str, str | int] = {"link": _address(made.token), "minutes": RESET_MINUTES()}
    notices.tell(made.link.user, NoticeKind.PASSWORD_RESET, facts)


def on_invited(link: PasswordLink, token: str, **_: Any) -> None:
    """To operators too: they enrol a second factor at the first sign-in."""
    facts: dict[str, str | int] = {
        "link": _address(token),
        "days": INVITATION_DAYS(),
        "email": link.user.email,
    }
    notices.tell(link.user, NoticeKind.INVITED, facts)


def _address(token: str) -> str:
    return f"{settings.PUBLIC_URL}{reverse('twofa:password-link', args=[token])}"
