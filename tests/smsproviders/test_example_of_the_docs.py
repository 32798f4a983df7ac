"""The backend of docs/adding-a-provider.md is what it says: a whole one."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from smsproviders.backends import BACKENDS
from smsproviders.models import SmsProvider
from tests.smsproviders.backend_contract import BackendContract
from tests.smsproviders.raw_server import answer, raw_server

DOCS = Path(__file__).resolve().parents[2] / "docs" / "adding-a-provider.md"
TAKEN = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"id": "a-17"}'


def example() -> ModuleType:
    code = re.search(r"```python\n(import json.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert code, "the page holds no backend"
    module = ModuleType("example_of_the_docs")
    exec(compile(code.group(1), str(DOCS), "exec"), module.__dict__)  # noqa: S102 - our own page
    return module


class TestExample(BackendContract):
    @pytest.fixture
    def provider(self, db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsProvider]:
        module = example()
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(BACKENDS, "example", f"{module.__name__}.ExampleBackend")
        with raw_server(answer(TAKEN)) as port:
            monkeypatch.setattr(module, "API", f"http://127.0.0.1:{port}")
            provider = SmsProvider(caption="Example", name="example", backend="example")
            provider.credentials = {"api_key": "key"}
            provider.save()
            yield provider
