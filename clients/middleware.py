"""Every request of a signed-in user must belong to a live `UserSession`."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clients import sessions
from clients.models import User, UserSession


class KeepSession:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        # The cookie decides first: whoever is not signed in costs no query here.
        if request.session.get("_auth_user_id") and isinstance(request.user, User):
            # Signed with a key of SECRET_KEY_FALLBACKS: Django has given it a new id by now.
            if request.session.session_key != key:
                sessions.renew_key(key, request)
            self._keep_or_end(request, request.user)
        return self.get_response(request)

    def _keep_or_end(self, request: HttpRequest, user: User) -> None:
        at = timezone.now()
        row = UserSession.objects.filter(session_key=request.session.session_key, user=user).first()
        if row is None or not sessions.is_alive(row, user, at=at):
            if row is not None:
                sessions.end(row)
            logout(request)
            return
        if at - row.last_seen_at > sessions.SEEN_EVERY:
            UserSession.objects.filter(pk=row.pk).update(last_seen_at=at)
