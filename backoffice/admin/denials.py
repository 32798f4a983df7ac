"""What was refused to an operator is logged too: a try at it is news."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext_lazy as _

from backoffice.audit import log
from backoffice.audit.models import ActorKind, Outcome

ACCESS_REFUSED = log.action("backoffice.access_refused", _("Page of the Back Office refused"))


def logged(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied:
            record(request)
            raise

    return inner


def record(request: HttpRequest) -> None:
    user = request.user
    kind = ActorKind.OPERATOR if getattr(user, "is_staff", False) else ActorKind.CLIENT
    log.record(
        ACCESS_REFUSED,
        actor=log.Actor(kind, str(user.pk)),
        outcome=Outcome.REFUSED,
        # Escaped: PostgreSQL stores no NUL, and a try must not stay unlogged for having one.
        facts={"method": request.method, "path": escape_uri_path(request.path)[:200]},
    )
