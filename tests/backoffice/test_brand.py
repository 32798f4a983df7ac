"""Name and colour of the service: on every page, readable, and strict as before."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.test import Client as Browser
from django.test import RequestFactory

from backoffice import brand, contrast
from backoffice.audit import log
from backoffice.policy import changes
from backoffice.policy.models import SystemSetting
from tests.backoffice.books import desk

TOKENS = Path(brand.__file__).parent / "static" / "backoffice" / "tokens.css"
STYLE = re.compile(r"<style>(.*?)</style>")
MAGENTA, YELLOW = "#d4006b", "#ffcc00"


def set_to(**values: str) -> None:
    changes.change(values, actor=log.SYSTEM)


def tokens(name: str) -> list[str]:
    """In light, then in dark."""
    return re.findall(rf"^ *--{name}: (#\w+);", TOKENS.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_backgrounds_that_are_counted_with_are_those_of_the_tokens() -> None:
    names = ("surface", "paper", "ok-wash", "warn-wash", "bad-wash")
    light, dark = zip(*(tokens(name) for name in names), strict=True)
    assert (light, dark) == (contrast.LIGHT_GROUNDS, contrast.DARK_GROUNDS)
    assert tokens("accent")[0] == brand.BUILT_IN


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000", "#fff", 21), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    found = contrast.contrast(contrast.parse(one), contrast.parse(other))
    assert found == pytest.approx(ratio, abs=0.005)


@pytest.mark.parametrize("colour", [brand.BUILT_IN, MAGENTA, "#000000", "#006b54", "#873ef7"])
def test_every_shade_of_a_colour_that_is_taken_can_be_read(colour: str) -> None:
    parsed = contrast.parse(brand.ColourField().clean(colour))
    assert contrast.on_light(parsed).is_readable(contrast.LIGHT_GROUNDS)
    assert contrast.on_dark(parsed).is_readable(contrast.DARK_GROUNDS)


def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_that_can() -> None:
    with pytest.raises(ValidationError, match="too light") as refused:
        brand.ColourField().clean(YELLOW)
    (nearest,) = re.findall("#[0-9a-f]{6}", refused.value.messages[0])
    assert brand.ColourField().clean(nearest.upper()) == nearest


@pytest.mark.parametrize("text", ["", "red", "#12345", "#12345g", "#fff;}", "url(//x)"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        brand.ColourField().clean(text)


@pytest.mark.django_db
class TestPages:
    def test_without_a_colour_no_style_stands_in_a_page(self, client: Browser) -> None:
        answer = client.get("/sign-in/")
        assert not STYLE.search(answer.content.decode())
        assert "style-src" not in answer["Content-Security-Policy"]

    @pytest.mark.parametrize("path", ["/sign-in/", "/admin/", "/nowhere/"])
    def test_the_policy_names_the_one_style_by_its_hash(self, client: Browser, path: str) -> None:
        set_to(brand_colour=MAGENTA)
        desk(client, "Administrator") if path == "/admin/" else None
        answer = client.get(path)
        (sheet,) = STYLE.findall(answer.content.decode())
        assert f"--accent:{MAGENTA};" in sheet
        digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
        assert f"style-src 'self' 'sha256-{digest}'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]

    def test_the_name_stands_on_pages_of_clients_and_operators(self, client: Browser) -> None:
        set_to(service_name="Northwind <Bank>")
        assert "Northwind &lt;Bank&gt;</title>" in client.get("/sign-in/").content.decode()
        desk(client, "Administrator")
        page = client.get("/admin/").content.decode()
        assert "Northwind &lt;Bank&gt;</title>" in page
        assert "<span>Northwind &lt;Bank&gt;</span>" in page

    def test_a_page_comes_without_the_database_too(
        self, client: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone() -> None:
            raise DatabaseError

        monkeypatch.setattr("backoffice.policy.stored.values", gone)
        found = brand.brand(RequestFactory().get("/"))
        assert found == {"brand_name": "Back Office", "brand_style": ""}

    def test_e_mails_to_operators_have_the_colour(self) -> None:
        set_to(brand_colour=MAGENTA)
        html = render_to_string("alerts/operator_alert.html", {"link": "https://example.com/"})
        assert f"background:{MAGENTA}" in html
        assert brand.BUILT_IN not in html

    def test_a_stored_colour_that_is_none_changes_no_page(self, client: Browser) -> None:
        SystemSetting.objects.create(key="brand_colour", value="</style><script>")
        assert not STYLE.search(client.get("/sign-in/").content.decode())


@pytest.mark.django_db
def test_the_setting_is_refused_and_kept_as_any_other() -> None:
    with pytest.raises(ValidationError):
        set_to(brand_colour=YELLOW)
    set_to(brand_colour=MAGENTA.upper())
    assert brand.COLOUR() == MAGENTA
