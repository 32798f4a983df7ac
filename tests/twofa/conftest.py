from collections.abc import Callable, Iterator

import pytest

from backoffice.audit import log
from backoffice.policy import changes, stored


@pytest.fixture(autouse=True)
def _settings_are_read_anew() -> Iterator[None]:
    stored.forget()
    yield
    stored.forget()


@pytest.fixture
def set_policy(db: None) -> Callable[..., None]:
    def set_to(**texts: str) -> None:
        changes.change(texts, actor=log.SYSTEM)

    return set_to
