"""In which language a page speaks.

In this order: what was chosen in this session after the password, the language of the client's
profile, what was chosen in this browser, what the browser asks for, English. Before the password
is right nothing of an account shows, its language neither. Operators and the Back Office have
English.
"""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.common.ready_values import ReadyValues
from clients.languages import known
from clients.models import Client, User
from twofa import log_actions, sign_in
from twofa.sign_in import Access

LANGUAGE_CHANGED = log.action("twofa.language_changed", _("Language changed"))
_KEY = "language"
_PROFILE = "_profile_language"
_languages = ReadyValues(
    lambda user_id: Client.objects.filter(user=user_id).values_list("language")[:1], UUID(int=0)
)


def of_page(request: HttpRequest) -> str:
    if request.path.startswith(reverse("admin:index")):
        return settings.LANGUAGE_CODE
    user = _user(request)
    if user is None:
        return get_language_from_request(request)
    chosen: str | None = request.session.get(_KEY)
    return known(chosen or _of_profile(request, user) or "")


def may_choose(request: HttpRequest) -> bool:
    """Whether the page offers the choice: not to operators, whose texts are English."""
    if request.path.startswith(reverse("admin:index")):
        return False
    user = _user(request)
    return user is None or _of_profile(request, user) is not None


def choose(request: HttpRequest, response: HttpResponse, language: str) -> None:
    """Speak it from now on in this browser; to a signed-in client everywhere, messages too."""
    remember(response, language)
    if not may_choose(request) or _user(request) is None:
        return
    request.session[_KEY] = language
    if isinstance(request.user, User) and sign_in.access(request) is not Access.NOTHING:
        _change_profile(request.user, language)


def remember(response: HttpResponse, language: str) -> None:
    """In this browser, also for those who are not signed in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,  # no script has a use for it
        samesite="Lax",
    )


def _user(request: HttpRequest) -> UUID | None:
    """Who is signed in, or gave the right password in this session.

    A request that was refused at once, for its host for one, was not asked who it is from.
    """
    if not hasattr(request, "user"):
        return None
    if isinstance(request.user, User):
        return request.user.pk
    return sign_in.half_signed_in(request)


def _of_profile(request: HttpRequest, user: UUID) -> str | None:
    """Read once for a request. None for an operator, who has no profile."""
    if not hasattr(request, _PROFILE):
        found = next(iter(_languages(user)), None)
        setattr(request, _PROFILE, found[0] if found else None)
    language: str | None = getattr(request, _PROFILE)
    return language


def _change_profile(user: User, language: str) -> None:
    with transaction.atomic():
        profile = Client.objects.select_for_update(no_key=True).get(user=user)
        if profile.language == language:
            return
        facts = {"from": profile.language, "to": language}
        profile.language = language
        profile.save(update_fields=["language"])
        log.record(
            LANGUAGE_CHANGED,
            actor=log_actions.actor(user),
            subject=log_actions.subject(user),
            facts=facts,
        )
