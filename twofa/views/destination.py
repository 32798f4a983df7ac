"""Where a sign-in leads: the page that was asked for, if it is one of ours."""

import re
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from clients.models import User

_SESSION_KEY = "next"
# Printable ASCII without a backslash: browsers read `\` as `/`, and drop tabs and line breaks.
_PLAIN_PATH = re.compile(r"/[!-\[\]-~]*")
_LONGEST = 2000
# Proxies decode addresses too, some of them twice.
_DECODINGS = 4


def asked_for(request: HttpRequest) -> str:
    """The `next` of the request when it is a page of ours, else ""."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if is_ours(wanted) else ""


def is_ours(path: str) -> bool:
    """Whether the path stays on this site, however often it is decoded on its way."""
    if len(path) > _LONGEST:
        return False
    for _ in range(_DECODINGS):
        if not _PLAIN_PATH.fullmatch(path) or path.startswith("//"):
            return False
        if not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
            return False
        decoded = unquote(path)
        if decoded == path:
            return True
        path = _ascii(decoded)
    return False


def keep(request: HttpRequest, path: str) -> None:
    """Remember it until the sign-in is complete; call it after the password step."""
    if path:
        request.session[_SESSION_KEY] = path


def is_kept(request: HttpRequest) -> bool:
    return _SESSION_KEY in request.session


def kept(request: HttpRequest) -> str:
    """What was asked for and kept; "" where that is but a start page. It stays kept."""
    found: str = request.session.get(_SESSION_KEY, "")
    return "" if found in {reverse("admin:index"), settings.LOGIN_REDIRECT_URL} else found


def take(request: HttpRequest, user: User) -> str:
    """Where to go now: what was kept, once, or the user's own start page."""
    kept: str = request.session.pop(_SESSION_KEY, "")
    return kept or start_page(user)


def start_page(user: User) -> str:
    return reverse("admin:index") if user.is_staff else settings.LOGIN_REDIRECT_URL


def _ascii(text: str) -> str:
    """Letters of other scripts are harmless within a path: only the frame is looked at."""
    return "".join(sign if sign.isascii() else "x" for sign in text)
