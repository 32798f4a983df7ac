"""`make screenshots`: the pictures of the README and the docs, of the real pages with demo data.

Not collected with the tests; run by its path. Writes docs/screenshots/<page>[-phone][-dark].png.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from backoffice.development.demo import seeding
from clients.models import Client, User
from smsproviders.models import SandboxMessage, SmsProvider
from tests.scenarios.conftest import PASSWORD, Product
from tests.services.browser import Visitors
from tests.services.waiting import wait_until
from twofa import totp
from twofa.models import Authenticator

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
ON_A_PHONE_TOO = {"code", "security", "client-details"}
CLIENT, OPERATOR = "client@example.com", "admin@example.com"


@dataclass(frozen=True, slots=True)
class Look:
    suffix: str
    width: int
    height: int
    scheme: str


DESK = (Look("", 1280, 860, "light"), Look("-dark", 1280, 860, "dark"))
PHONE = (Look("-phone", 375, 780, "light"), Look("-phone-dark", 375, 780, "dark"))


@pytest.fixture
def demo(make_product: Callable[..., Product], settings: Any) -> Product:
    settings.DEBUG = True  # the sandbox exists only so
    product = make_product(DEBUG="1")
    for _ in seeding.seed(PASSWORD):
        pass
    SmsProvider.objects.filter(name="twilio").delete()
    return product


@pytest.fixture
def windows(demo: Product, browser: "object") -> Iterator[Visitors]:
    visitors = Visitors(browser, demo.site.url)  # type: ignore[arg-type]
    yield visitors
    visitors.close()
    assert visitors.errors == []


def newest_code() -> str:
    """From the sandbox's phone."""
    newest = wait_until(lambda: SandboxMessage.objects.order_by("-id").first(), within=30)
    return newest.body[:6] if newest else ""


def sign_in(page: "Page", email: str) -> None:
    page.goto("/sign-in/")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def shoot(page: "Page", name: str) -> None:
    """The first screen of the page as it is, in each look."""
    for look in DESK + PHONE if name in ON_A_PHONE_TOO else DESK:
        page.set_viewport_size({"width": look.width, "height": look.height})
        page.emulate_media(color_scheme=look.scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(150)
        page.screenshot(path=FOLDER / f"{name}{look.suffix}.png")


def give_authenticator(email: str) -> str:
    """An operator's app: the demo operators have SMS, whose cooldown would slow this down."""
    seed = totp.new_seed()
    Authenticator.objects.create(
        user=User.objects.get(email=email),
        seed=seed,
        confirmed=True,
        confirmed_at=datetime.now(UTC),
    )
    return seed


def test_the_clients_pages(demo: Product, windows: Visitors) -> None:
    page = windows.open()
    page.goto("/sign-in/")
    shoot(page, "sign-in")
    sign_in(page, CLIENT)
    code = newest_code()
    page.wait_for_selector("[data-test=delivery-state][data-state=delivered]")
    shoot(page, "code")
    phone = windows.open()
    phone.goto("/sandbox/phone/")
    shoot(phone, "sandbox")
    page.fill("[name=code]", code)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    shoot(page, "security")


def test_the_operators_pages(demo: Product, windows: Visitors) -> None:
    seed = give_authenticator(OPERATOR)
    page = windows.open()
    sign_in(page, OPERATOR)
    page.goto("/sign-in/other/")
    with page.expect_navigation():
        page.click("[data-test=way-authenticator]")
    page.fill("[name=code]", totp.code_at(seed, totp.step_at(datetime.now(UTC))))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    client = Client.objects.get(user__email="daniel.garcia@example.com")
    provider = SmsProvider.objects.get(name="sandbox")
    for name, address in (
        ("overview", "/admin/"),
        ("clients", "/admin/clients/client/"),
        ("client-details", f"/admin/clients/client/{client.pk}/settings/"),
        ("disable", f"/admin/clients/client/{client.pk}/two-factor/sms/disable/"),
        ("providers", "/admin/smsproviders/smsprovider/"),
        ("provider-settings", f"/admin/smsproviders/smsprovider/{provider.pk}/change/"),
        ("system-settings", "/admin/policy/systemsetting/"),
        ("logs", "/admin/audit/auditevent/"),
    ):
        page.goto(address)
        shoot(page, name)
