"""Re-encryption of everything with the newest data key.

Resumable by itself: what is done carries the newest key's id, and is no longer found. Safe while
the product runs: a value that changed in the meantime is left alone, since it has the newest key
already.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from backoffice.common.encrypted_field import Ciphertext, EncryptedTextField, place_of
from backoffice.common.encryption import DecryptionFailed, decrypt, encrypt, newest_prefix

BATCH = 500


@dataclass(frozen=True, slots=True)
class Column:
    model: type[models.Model]
    field: EncryptedTextField

    def __str__(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"

    def left(self) -> "models.QuerySet[Any]":
        """Rows whose value is encrypted with an older key."""
        name = self.field.attname
        rows = self.model._base_manager.exclude(**{name: Ciphertext("")})
        return rows.exclude(**{f"{name}__startswith": Ciphertext(newest_prefix())})


def columns() -> list[Column]:
    return [
        Column(model, field)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, EncryptedTextField)
    ]


def rotate(column: Column) -> Iterator[bool]:
    """Re-encrypt one value after the other; False for one that cannot be decrypted."""
    last: Any = None
    while batch := list(_next(column, last)):
        for row in batch:
            yield _rotate_one(column, row)
        last = batch[-1].pk


def _next(column: Column, last: Any) -> "models.QuerySet[Any]":
    rows = column.left().order_by("pk").only("pk", column.field.attname)
    if last is not None:
        rows = rows.filter(pk__gt=last)
    return rows[:BATCH]


def _rotate_one(column: Column, row: models.Model) -> bool:
    name, place = column.field.attname, place_of(row, column.field)
    old = row.__dict__[name]
    try:
        fresh = Ciphertext(encrypt(decrypt(old, place=place), place=place))
    except DecryptionFailed:
        return False
    # Conditional: whoever wrote meanwhile wrote with the newest key.
    column.model._base_manager.filter(pk=row.pk, **{name: old}).update(**{name: fresh})
    return True
