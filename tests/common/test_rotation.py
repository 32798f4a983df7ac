"""`rotate_data_keys`: everything with the newest key, and the old one may go."""

import io
import json
import os
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.common import encryption, rotation
from backoffice.common.encryption import DecryptionFailed
from smsproviders.models import SmsProvider

OLD, NEW = os.urandom(32), os.urandom(32)


def make_providers(number: int) -> None:
    for index in range(number):
        provider = SmsProvider(caption=str(index), name=f"p{index}", backend="twilio")
        provider.credentials = {"auth_token": f"token {index}"}
        provider.save()


def run() -> dict[str, int]:
    out = io.StringIO()
    call_command("rotate_data_keys", "--json", stdout=out, stderr=io.StringIO())
    found: dict[str, int] = json.loads(out.getvalue())
    return found


@pytest.mark.django_db
def test_s70_after_rotation_the_old_key_can_be_dropped(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)
    settings.DATA_KEYS = [OLD]
    make_providers(7)
    settings.DATA_KEYS = [NEW, OLD]
    assert SmsProvider.objects.first().credentials["auth_token"] == "token 0"  # type: ignore[union-attr]
    assert run() == {"rotated": 7, "failed": 0}
    settings.DATA_KEYS = [NEW]
    tokens = {row.credentials["auth_token"] for row in SmsProvider.objects.all()}
    assert tokens == {f"token {index}" for index in range(7)}


@pytest.mark.django_db
def test_s70_a_stopped_rotation_goes_on_where_it_was(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    make_providers(5)
    settings.DATA_KEYS = [NEW, OLD]
    (column,) = [c for c in rotation.columns() if c.model is SmsProvider]
    steps = rotation.rotate(column)
    assert [next(steps), next(steps)] == [True, True]
    assert run() == {"rotated": 3, "failed": 0}
    assert run() == {"rotated": 0, "failed": 0}


@pytest.mark.django_db
def test_a_value_whose_key_is_gone_is_reported_and_the_rest_is_done(settings: Any) -> None:
    settings.DATA_KEYS = [os.urandom(32)]
    make_providers(1)
    settings.DATA_KEYS = [NEW]
    with pytest.raises(CommandError, match="1 values could not be decrypted"):
        run()


@pytest.mark.django_db
def test_every_encrypted_column_takes_part() -> None:
    names = {str(column) for column in rotation.columns()}
    assert {
        "audit.SubjectKey.key",
        "smsproviders.SmsProvider.encrypted_credentials",
        "smsproviders.SmsMessage.body",
        "twofa.Authenticator.seed",
        "twofa.Challenge.code",
        "twofa.Notice.to",
    } <= names


@pytest.mark.django_db
def test_a_worker_without_the_key_fails_closed(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    make_providers(1)
    settings.DATA_KEYS = [NEW]
    with pytest.raises(DecryptionFailed):
        _ = SmsProvider.objects.get().credentials
    assert encryption.newest_key_id() == encryption.key_id_of(NEW)


@pytest.mark.django_db
def test_s70_a_row_that_was_loaded_before_the_rotation_and_saved_after_it_is_not_lost(
    settings: Any,
) -> None:
    settings.DATA_KEYS = [OLD]
    make_providers(1)
    settings.DATA_KEYS = [NEW, OLD]
    loaded_before = SmsProvider.objects.get()
    assert run() == {"rotated": 1, "failed": 0}
    loaded_before.save()
    settings.DATA_KEYS = [NEW]
    assert SmsProvider.objects.get().credentials == {"auth_token": "token 0"}


@pytest.mark.django_db
def test_saving_a_row_whose_key_is_gone_keeps_its_ciphertext(settings: Any) -> None:
    settings.DATA_KEYS = [OLD]
    make_providers(1)
    settings.DATA_KEYS = [NEW]
    SmsProvider.objects.get().save()
    settings.DATA_KEYS = [NEW, OLD]
    assert SmsProvider.objects.get().credentials == {"auth_token": "token 0"}
