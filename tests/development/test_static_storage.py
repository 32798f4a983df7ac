"""Which names static files have: a wrong one is an error on every page."""

import sys
from pathlib import Path

import pytest

from backoffice.development.defaults import static_storage


def test_the_first_collectstatic_of_an_installation_writes_hashed_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "collectstatic", "--noinput"])
    assert "Manifest" in static_storage(debug=False, root=tmp_path / "not-there-yet")


def test_hashed_names_are_asked_for_only_where_they_were_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["gunicorn"])
    assert "Manifest" not in static_storage(debug=False, root=tmp_path)
    (tmp_path / "staticfiles.json").write_text("{}")
    assert "Manifest" in static_storage(debug=False, root=tmp_path)
    assert "Manifest" not in static_storage(debug=True, root=tmp_path)
