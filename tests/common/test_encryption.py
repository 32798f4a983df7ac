"""Ciphertext is bound to its place and its key, and fails closed."""

import base64
import os
from typing import Any

import pytest
from django.db import connection

from backoffice.common import encryption
from backoffice.common.encrypted_field import Ciphertext
from backoffice.common.encryption import DecryptionFailed, decrypt, encrypt
from smsproviders.models import SmsProvider


def new_key() -> bytes:
    return os.urandom(32)


def stored(provider: SmsProvider) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT encrypted_credentials FROM smsproviders_smsprovider WHERE id = %s",
            [provider.pk],
        )
        return str(cursor.fetchone()[0])


@pytest.fixture
def provider(db: None) -> SmsProvider:
    provider = SmsProvider(caption="Main", name="main", backend="twilio")
    provider.credentials = {"auth_token": "a secret token"}
    provider.save()
    return provider


def test_what_was_encrypted_reads_the_same_at_its_place() -> None:
    assert decrypt(encrypt("s3cret ✓", place="a.B.c:1"), place="a.B.c:1") == "s3cret ✓"


def test_the_same_text_never_encrypts_alike() -> None:
    assert encrypt("123456", place="p") != encrypt("123456", place="p")


def test_s69_a_ciphertext_that_is_moved_to_another_place_is_refused() -> None:
    with pytest.raises(DecryptionFailed):
        decrypt(encrypt("text", place="a.B.c:1"), place="a.B.c:2")


@pytest.mark.parametrize("position", range(0, 60, 7))
def test_s69_one_flipped_byte_is_refused(position: int) -> None:
    ciphertext = encrypt("a text of some length, so that it is long", place="p")
    version, key_id, encoded = ciphertext.split(".")
    raw = bytearray(base64.urlsafe_b64decode(encoded))
    raw[position] ^= 1
    damaged = f"{version}.{key_id}.{base64.urlsafe_b64encode(raw).decode()}"
    with pytest.raises(DecryptionFailed):
        decrypt(damaged, place="p")


@pytest.mark.parametrize("damaged", ["", "x", "v1.a.b", "v2.{key}.{rest}", "v1.{key}.%%%", "v1..."])
def test_s69_whatever_is_no_ciphertext_is_refused(damaged: str) -> None:
    _, key_id, rest = encrypt("text", place="p").split(".")
    with pytest.raises(DecryptionFailed):
        decrypt(damaged.format(key=key_id, rest=rest), place="p")


def test_s69_an_edited_key_id_is_refused(settings: Any) -> None:
    settings.DATA_KEYS = [new_key(), new_key()]
    ids = [encryption.key_id_of(key) for key in settings.DATA_KEYS]
    ciphertext = encrypt("text", place="p").replace(ids[0], ids[1])
    with pytest.raises(DecryptionFailed):
        decrypt(ciphertext, place="p")


def test_a_refusal_is_logged_with_the_place_and_without_the_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(DecryptionFailed):
        decrypt("v1.none.c2VjcmV0", place="a.B.c:1")
    assert "a.B.c:1" in str(vars(caplog.records[0]))
    assert "c2VjcmV0" not in str(vars(caplog.records[0]))


def test_s68_the_column_holds_no_clear_text(provider: SmsProvider) -> None:
    assert stored(provider).startswith(encryption.newest_prefix())
    assert "secret" not in stored(provider)
    assert SmsProvider.objects.get().credentials == {"auth_token": "a secret token"}


def test_s69_a_value_copied_to_another_row_is_refused(provider: SmsProvider) -> None:
    other = SmsProvider.objects.create(caption="Other", name="other", backend="twilio")
    SmsProvider.objects.filter(pk=other.pk).update(
        encrypted_credentials=Ciphertext(stored(provider))
    )
    with pytest.raises(DecryptionFailed):
        _ = SmsProvider.objects.get(pk=other.pk).credentials


def test_loading_a_row_decrypts_nothing(provider: SmsProvider, settings: Any) -> None:
    settings.DATA_KEYS = [new_key()]
    row = SmsProvider.objects.get()
    assert row.caption == "Main"
    row.caption = "Renamed"
    row.save()
    settings.DATA_KEYS = [new_key()]
    with pytest.raises(DecryptionFailed):
        _ = SmsProvider.objects.get().credentials


def test_an_update_in_clear_text_is_a_type_error(provider: SmsProvider) -> None:
    with pytest.raises(TypeError, match="encrypted"):
        SmsProvider.objects.update(encrypted_credentials="clear")


def test_an_update_may_blank_the_value(provider: SmsProvider) -> None:
    SmsProvider.objects.update(encrypted_credentials="")
    assert SmsProvider.objects.get().credentials == {}


def test_a_deferred_value_is_loaded_when_read(provider: SmsProvider) -> None:
    row = SmsProvider.objects.defer("encrypted_credentials").get()
    assert row.credentials == {"auth_token": "a secret token"}
