"""A model field whose value is encrypted at rest and decrypted when it is read, not when loaded.

Lists and joins that never touch the value pay nothing and cannot leak it. The ciphertext is bound
to model, field and primary key, hence the key must exist before the insert: use UUIDv7 keys.
"""

from typing import TYPE_CHECKING, Any

from django.db import models

from backoffice.common.encryption import DecryptionFailed, decrypt, encrypt, newest_prefix

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class Ciphertext(str):
    """An encrypted value as it stands in the column."""

    __slots__ = ()


class _Decrypting:
    """The attribute: decrypts on reading, keeps what is assigned in clear until it is saved."""

    def __init__(self, field: "EncryptedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:
            instance.refresh_from_db(fields=[self.field.attname])
        value = instance.__dict__[self.field.attname]
        if isinstance(value, Ciphertext):
            return decrypt(value, place=place_of(instance, self.field))
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(_TextField):
    """Text of any length; the empty string is stored as such and means *no value*.

    Writes go through `save()`, `create()` or `bulk_create()`. A query's `update()` takes only "" or
    a `Ciphertext`, since clear text cannot be bound to a row there: a TypeError says so.
    """

    descriptor_class = _Decrypting

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _Decrypting(self))

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return Ciphertext(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = model_instance.__dict__.get(self.attname)
        if not value:
            return value
        place = place_of(model_instance, self)
        if isinstance(value, Ciphertext):
            return _with_the_newest_key(value, place=place)
        return Ciphertext(encrypt(str(value), place=place))

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, str) and value and not isinstance(value, Ciphertext):
            raise TypeError(f"{self.name} is encrypted: it cannot be compared, or updated in clear")
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, Ciphertext):
            return str(value)
        return super().get_db_prep_save(value, connection)

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.name} is encrypted and is not exported")


def _with_the_newest_key(value: Ciphertext, *, place: str) -> Ciphertext:
    """A row loaded before a rotation and saved after it must not bring the old key back."""
    if value.startswith(newest_prefix()):
        return value
    try:
        return Ciphertext(encrypt(decrypt(value, place=place), place=place))
    except DecryptionFailed:
        return value  # not ours to lose: another process may have its key


def place_of(instance: models.Model, field: "models.Field[Any, Any]") -> str:
    """Where a value stands: `app.Model.field:primary key`."""
    return f"{instance._meta.label}.{field.name}:{instance.pk}"
