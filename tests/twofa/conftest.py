from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backoffice.audit import log
from backoffice.policy import changes, stored


@pytest.fixture(autouse=True)
def _settings_are_read_anew() -> Iterator[None]:
    stored.forget()
    yield
    stored.forget()


@pytest.fixture(autouse=True)
def _passwords_are_hashed_fast(settings: Any) -> None:
    """Argon2 is slow on purpose; these tests sign in hundreds of times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def set_policy(db: None) -> Callable[..., None]:
    def set_to(**texts: str) -> None:
        changes.change(texts, actor=log.SYSTEM)

    return set_to
