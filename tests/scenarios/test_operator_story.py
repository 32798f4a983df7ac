"""An operator's story: enrol, find the client, see, disable, unlock. On real processes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group

from backoffice.audit.models import AuditEvent
from clients.models import Client, User
from smsproviders import health
from smsproviders.models import SmsProvider
from tests.scenarios.conftest import CLIENT, OPERATOR, PASSWORD, Product, command, enable_sms
from tests.services.web import Visitor
from twofa import totp

pytestmark = pytest.mark.slow


class Authenticator:
    """The operator's app. Each code is of the next step, since a used one is refused."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self._step = totp.step_at(datetime.now(UTC)) - 1

    def code(self) -> str:
        self._step += 1
        return totp.code_at(self.seed, self._step)


def enrol_operator(product: Product) -> tuple[Visitor, Authenticator]:
    visitor = product.visitor()
    visitor.get("/admin/")
    assert visitor.path.startswith("/sign-in/?next=")
    visitor.sign_in(OPERATOR, PASSWORD)
    assert visitor.get("/admin/").marked("client-search") == []  # nothing before the second factor
    visitor.get("/security/authenticator/")
    page = visitor.post("/security/authenticator/", begin="1")
    app = Authenticator(page.marked("totp-key")[0].replace(" ", ""))
    visitor.post("/security/authenticator/", code=app.code())
    return visitor, app


def test_an_operator_enrols_finds_the_client_and_disables_a_factor(
    product: Product, client_account: User, operator_account: User
) -> None:
    theirs = product.visitor()
    theirs.sign_in(CLIENT, PASSWORD)
    enable_sms(product, theirs)
    operator, app = enrol_operator(product)

    found = operator.get("/admin/clients/client/?q=06 12 34 56 78".replace(" ", "+"))
    client = Client.objects.get(user=client_account)
    assert CLIENT in found.text
    assert "SMS" in found.text
    page = operator.get(f"/admin/clients/client/{client.pk}/settings/")
    assert "SMS confirmation" in page.marked("two-factor-section")[0]
    assert "612345678" not in page.html  # numbers are masked

    address = f"/admin/clients/client/{client.pk}/two-factor/sms/disable/"
    operator.get(address)
    said = {"reason": "Phone lost", "ticket": "T-1", "identified": "on"}
    wrong = operator.post(address, **said, code="000000")
    assert "Phone lost" in wrong.html
    assert Client.objects.get(pk=client.pk).two_factor == "sms"
    operator.post(address, **said, code=app.code())

    assert Client.objects.get(pk=client.pk).two_factor == "none"
    theirs.get("/security/")
    assert theirs.path.startswith("/sign-in/")  # their session ended
    assert len(product.letters(CLIENT, 2)) == 2
    event = AuditEvent.objects.get(action__endswith="reset", outcome="done")
    assert event.actor_id == str(operator_account.pk)
    assert event.subject == f"user:{client_account.pk}"


def test_an_operator_unlocks_a_client(
    product: Product, client_account: User, operator_account: User
) -> None:
    theirs = product.visitor()
    theirs.sign_in(CLIENT, PASSWORD)
    enable_sms(product, theirs)
    again = product.visitor()
    again.sign_in(CLIENT, PASSWORD)
    code = product.code(2)
    for wrong in range(5):
        again.post("/sign-in/verify/", code=f"{(int(code) + 1 + wrong) % 10**6:06d}")
    locked = again.post("/sign-in/verify/", code=code)
    assert again.path == "/sign-in/verify/"
    assert "locked" in locked.text.lower()

    operator, app = enrol_operator(product)
    client = Client.objects.get(user=client_account)
    address = f"/admin/clients/client/{client.pk}/two-factor/unlock/"
    operator.get(address)
    operator.post(address, reason="Identified by passport", ticket="T-2", code=app.code())
    again.get("/sign-in/verify/")
    again.post("/sign-in/verify/", code=code)
    assert again.get("/security/").status == 200
    assert again.path == "/security/"


def test_an_integrator_is_told_that_credentials_are_rejected(
    product: Product, operator_account: User, settings: Any
) -> None:
    settings.TWILIO_API_URL = product.twilio.url
    operator_account.groups.set([Group.objects.get(name="Integrator")])
    provider = SmsProvider.objects.get(name="twilio")
    provider.credentials = {**provider.credentials, "auth_token": "revoked"}
    provider.save()
    command(
        "add_operator", "support@example.com", "--group", "Support", "--password-stdin",
        stdin=f"{PASSWORD}\n",
    )  # fmt: skip

    health.check(provider)

    [subject] = product.letters(OPERATOR)
    assert subject.endswith("Twilio: credentials are rejected")
    assert {str(letter["To"]) for letter in product.site.mail()} == {OPERATOR}
