"""What counts as a marked string, in Python and in templates."""

from pathlib import Path

import pytest

from backoffice.development.catalogues import extracting
from backoffice.development.catalogues.extracting import Message, messages_of
from backoffice.development.catalogues.sources import Source


def found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, *only: str
) -> list[tuple[str, str, str]]:
    monkeypatch.setattr("backoffice.development.catalogues.sources.ROOT", tmp_path)
    monkeypatch.setattr(extracting, "ROOT", tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")
    messages: list[Message] = list(messages_of(Source(name, frozenset(only))))
    assert {message.path for message in messages} <= {name}
    return [(message.context, message.text, message.plural) for message in messages]


PYTHON = """
A = _("one " "sentence")
B, C = gettext_lazy("b"), translation.gettext("c")
def asked():
    return ngettext("%(count)d day", "%(count)d days", count)
Entry(summary=_("for operators"), after=pgettext_lazy("told", "for clients"))
values = {"came": gettext_lazy("late"), "what": gettext_lazy("why")}
_(variable); other("not marked")
"""
TEMPLATE = """{% translate "a title" %} untouched {% include "x" with name=_("a name") %}
{% translate "In %s" as waiting %}{% blocktranslate trimmed with who=user.name %}
  From {{ who }}
{% endblocktranslate %}
{% blocktranslate count n=left %}{{ n }} is left{% plural %}{{ n }} are left{% endblocktranslate %}
{% translate "Close" context "a window" %}"""


def test_calls_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch, "a.py", PYTHON) == [
        ("", "one sentence", ""),
        ("", "b", ""),
        ("", "c", ""),
        ("", "%(count)d day", "%(count)d days"),
        ("", "for operators", ""),
        ("told", "for clients", ""),
        ("", "late", ""),
        ("", "why", ""),
    ]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("A", ["one sentence"]),
        ("C", ["b", "c"]),
        ("asked", ["%(count)d day"]),
        ("after", ["for clients"]),
        ("came", ["late"]),
        ("nothing", []),
    ],
)
def test_only_what_a_name_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, texts: list[str]
) -> None:
    assert [text for _, text, _ in found(tmp_path, monkeypatch, "a.py", PYTHON, name)] == texts


def test_tags_in_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Django looks them up: a percent sign doubled, placeholders by name, one line."""
    assert found(tmp_path, monkeypatch, "a.html", TEMPLATE) == [
        ("", "a title", ""),
        ("", "a name", ""),
        ("", "In %%s", ""),
        ("", "From %(who)s", ""),
        ("", "%(n)s is left", "%(n)s are left"),
        ("a window", "Close", ""),
    ]


def test_a_source_that_is_gone_is_told() -> None:
    with pytest.raises(LookupError, match="gone"):
        list(Source("twofa/gone.py").files())
