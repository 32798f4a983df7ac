import os

import pytest
from pytest_django.fixtures import Settings

from backoffice.common.encryption import DecryptionFailed
from smsproviders import accounts
from smsproviders.accounts import ProviderUnusable, backend_for
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, Decision
from tests.services.threads import run_together


def test_the_backend_is_made_once_for_all_threads(
    transactional_db: None, sandbox_provider: SmsProvider
) -> None:
    made = run_together(
        8, lambda _: id(backend_for(SmsProvider.objects.get(pk=sandbox_provider.pk)))
    )

    assert len(set(made)) == 1


# From Python 3.12 on a fork beside threads warns; that it works is what is shown here.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_child_process_makes_its_own(sandbox_provider: SmsProvider) -> None:
    """Also while a thread of the parent holds the lock, which nobody would ever release there."""
    parents = backend_for(sandbox_provider)
    readable, writable = os.pipe()
    with accounts._lock:
        child = os.fork()
        if child == 0:
            os.write(
                writable, b"own" if not accounts._kept and not accounts._lock.locked() else b""
            )
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writable)
    assert os.read(readable, 3) == b"own"
    os.close(readable)
    assert backend_for(sandbox_provider) is parents


def test_new_credentials_make_a_new_backend_and_close_the_old_one(
    sandbox_provider: SmsProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = backend_for(sandbox_provider)
    closed: list[bool] = []
    monkeypatch.setattr(old, "close", lambda: closed.append(True))
    sandbox_provider.credentials = {"behaves_as": "down"}
    sandbox_provider.save()

    new = backend_for(SmsProvider.objects.get(pk=sandbox_provider.pk))

    assert new is not old
    assert closed == [True]
    assert backend_for(sandbox_provider) is new


def test_a_change_of_anything_else_keeps_the_backend(sandbox_provider: SmsProvider) -> None:
    old = backend_for(sandbox_provider)
    sandbox_provider.caption = "Another caption"
    sandbox_provider.save()

    assert backend_for(SmsProvider.objects.get(pk=sandbox_provider.pk)) is old


def test_the_sandbox_does_not_exist_in_production(
    sandbox_provider: SmsProvider, settings: Settings
) -> None:
    settings.DEBUG = False

    with pytest.raises(ProviderUnusable) as refused:
        backend_for(sandbox_provider)
    verdict = refused.value.verdict
    assert (verdict.decision, verdict.cause) == (Decision.NEXT, Cause.PROVIDER_INCOMPLETE)
    assert verdict.tell_operator


def test_a_required_setting_that_is_empty_makes_it_unusable(db: None) -> None:
    provider = SmsProvider(caption="T", name="t", backend="twilio")
    provider.credentials = {"account_sid": "AC" + "0" * 32}
    provider.save()

    with pytest.raises(ProviderUnusable, match="empty or wrong"):
        backend_for(provider)


def test_without_the_key_of_the_credentials_it_fails_closed(
    sandbox_provider: SmsProvider, settings: Settings
) -> None:
    settings.DATA_KEYS = [b"another key of 32 bytes, alone.."]

    with pytest.raises(DecryptionFailed):
        backend_for(SmsProvider.objects.get(pk=sandbox_provider.pk))
