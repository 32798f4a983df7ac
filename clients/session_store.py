"""Sessions in the database, as Django's own, by statements whose SQL is made once.

Every request of a visitor with a cookie reads its session, and some write it.
"""

from datetime import UTC, datetime
from typing import cast

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.utils import timezone

from backoffice.common.ready_queries import ReadyQuery, ReadyUpdate

_alive = ReadyQuery(
    lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now),
    "key",
    datetime.min.replace(tzinfo=UTC),
)
_update = ReadyUpdate(Session)


class SessionStore(db.SessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """A cookie may name a NUL, written as \\000, which PostgreSQL cannot compare."""
        return bool(super()._validate_session_key(key)) and "\0" not in str(key)  # type: ignore[misc]

    def _get_session_from_db(self) -> Session | None:
        found = next(iter(_alive(self.session_key, timezone.now())), None)
        if found is None:
            self._session_key = None  # as Django does: nobody chooses the key of a new session
        return found

    def save(self, must_create: bool = False) -> None:
        if must_create or self.session_key is None:
            super().save(must_create)
            return
        data = self._get_session()  # type: ignore[attr-defined]  # missing in the stubs
        row = cast(Session, self.create_model_instance(data))
        try:
            _update(row)
        except DatabaseError as error:
            raise UpdateError from error
