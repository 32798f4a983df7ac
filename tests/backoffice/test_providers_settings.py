"""Provider settings."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from backoffice.audit.models import AuditEvent
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import CheckResult
from tests.backoffice.operators import operator, sign_in
from tests.backoffice.provider_pages import CAN_SEE, LIST, address, save
from tests.twilio_server import TwilioServer

pytestmark = pytest.mark.django_db


def test_untouched_it_changes_nothing(integrator: Client, twilio_provider: SmsProvider) -> None:
    before = twilio_provider.credentials
    save(integrator, twilio_provider)
    assert twilio_provider.credentials == before
    assert not AuditEvent.objects.filter(action="provider.changed").exists()


def test_everything_can_be_set(integrator: Client, twilio_provider: SmsProvider) -> None:
    save(
        integrator,
        twilio_provider,
        caption="New caption",
        priority="3",
        sender="ACME",
        senders="us: +15005550006\n\nGB: ACME UK",
        countries="fr, de US",
        low_balance="12.50",
    )
    assert twilio_provider.caption == "New caption"
    assert twilio_provider.priority == 3
    assert twilio_provider.senders == {"": "ACME", "US": "+15005550006", "GB": "ACME UK"}
    assert twilio_provider.countries == ["DE", "FR", "US"]
    assert twilio_provider.low_balance == Decimal("12.50")
    assert twilio_provider.enabled


def test_senders_in_no_order_are_refused(integrator: Client, twilio_provider: SmsProvider) -> None:
    answer = save(integrator, twilio_provider, senders="ACME")
    assert "senders" in answer.context["form"].common.errors
    answer = save(integrator, twilio_provider, senders="XX: ACME")
    assert "senders" in answer.context["form"].common.errors


def test_s53_a_blank_secret_keeps_and_a_typed_one_replaces_what_is_stored(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    save(integrator, twilio_provider, webhook_secret="webhook-secret-1")
    save(integrator, twilio_provider, auth_token="")
    assert twilio_provider.credentials["webhook_secret"] == "webhook-secret-1"
    save(integrator, twilio_provider, webhook_secret="webhook-secret-2")
    assert twilio_provider.credentials["webhook_secret"] == "webhook-secret-2"
    save(integrator, twilio_provider, **{"clear-webhook_secret": "on"})
    assert twilio_provider.credentials["webhook_secret"] == ""
    assert twilio_provider.credentials["auth_token"]


def test_s53_it_says_whether_a_secret_is_set(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    rows = integrator.get(address(twilio_provider)).context["form"].own_rows()
    secrets = {row["field"].name: row["is_set"] for row in rows if row["is_secret"]}
    assert secrets == {"auth_token": True, "api_key_secret": False, "webhook_secret": False}


def test_s52_s53_no_page_history_log_or_export_holds_a_secret(
    integrator: Client,
    auditor: Client,
    twilio: TwilioServer,
    twilio_provider: SmsProvider,
) -> None:
    old, new = twilio_provider.credentials["auth_token"], "new-secret-token-of-tests"
    pages = [save(integrator, twilio_provider, auth_token=new, webhook_secret="hook-secret")]
    integrator.post(address(twilio_provider, "check/"))
    pages += [integrator.get(LIST), integrator.get(address(twilio_provider))]
    pages += [integrator.get(address(twilio_provider, "enable/"))]
    pages += [auditor.get(f"{LIST}{twilio_provider.pk}/history/", follow=True)]
    logs = "/admin/audit/auditevent/"
    pages += [auditor.get(logs)]
    for event in AuditEvent.objects.all():
        pages.append(auditor.get(f"{logs}{event.pk}/change/"))
    export = auditor.post(f"{logs}export/")
    texts = [page.content.decode() for page in pages]
    texts.append(b"".join(export.streaming_content).decode())  # type: ignore[attr-defined]
    for text in texts:
        for secret in (old, new, "hook-secret"):
            assert secret not in text
    changed = AuditEvent.objects.get(action="provider.changed")
    assert changed.facts["changed"] == ["auth_token", "webhook_secret"]


def test_new_credentials_make_the_old_check_void(
    integrator: Client, twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    integrator.post(address(twilio_provider, "check/"))
    save(integrator, twilio_provider, auth_token="another")
    assert twilio_provider.credentials_result == CheckResult.UNKNOWN
    assert "Not checked" in integrator.get(LIST).content.decode()


def test_a_checked_one_is_enabled_without_a_question(
    integrator: Client, twilio: TwilioServer, twilio_provider: SmsProvider
) -> None:
    save(integrator, twilio_provider, enabled=None)
    assert not twilio_provider.enabled
    integrator.post(address(twilio_provider, "check/"))
    answer = save(integrator, twilio_provider, enabled="on")
    assert answer.url == address(twilio_provider)
    assert twilio_provider.enabled


def test_disabling_the_last_one_is_said(integrator: Client, twilio_provider: SmsProvider) -> None:
    save(integrator, twilio_provider, enabled=None)
    page = integrator.get(address(twilio_provider)).content.decode()
    assert "no code can be sent by SMS" in page


def test_it_shows_the_address_for_reports(
    integrator: Client, twilio_provider: SmsProvider, settings: Settings
) -> None:
    page = integrator.get(address(twilio_provider)).content.decode()
    assert f"{settings.PUBLIC_URL}/sms/reports/twilio/" in page


def test_who_may_only_see_gets_no_button_and_no_way(
    client: Client, twilio_provider: SmsProvider
) -> None:
    desk = sign_in(client, operator(permissions=CAN_SEE))
    page = desk.get(address(twilio_provider)).content.decode()
    for button in ("Save", "Check now", "test-sms", "Remove the stored"):
        assert button not in page
    assert desk.post(address(twilio_provider), {"caption": "X"}).status_code == 403
    for act in ("check/", "enable/", "test/"):
        assert desk.post(address(twilio_provider, act)).status_code == 403
    assert desk.get(address(twilio_provider, "enable/")).status_code == 403
    assert desk.get(f"{LIST}add/").status_code == 403


def test_credentials_that_cannot_be_read_fail_in_words(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE smsproviders_smsprovider SET encrypted_credentials = 'v1.0000000000.AAAA'"
        )
    for answer in (
        integrator.get(address(twilio_provider)),
        integrator.post(address(twilio_provider), {"caption": "X", "priority": "1"}),
    ):
        assert answer.status_code == 200
        assert "The settings cannot be shown" in answer.content.decode()
    assert integrator.get(LIST).status_code == 200


def test_a_kind_that_is_gone_fails_in_words(
    integrator: Client, twilio_provider: SmsProvider
) -> None:
    SmsProvider.objects.update(backend="pigeon")
    assert "cannot be shown" in integrator.get(address(twilio_provider)).content.decode()
    assert "pigeon" in integrator.get(LIST).content.decode()


@pytest.mark.parametrize("key", ["nonsense", "0199aaaa-0000-7000-8000-000000000000"])
def test_one_that_is_not_there_is_404(integrator: Client, key: str) -> None:
    assert integrator.get(f"{LIST}{key}/change/").status_code == 404
