"""UUIDv7 primary keys (RFC 9562, section 5.7).

Ordered by time, made in Python: ciphertext can be bound to the key before the row is inserted, and
a table can be partitioned or purged by a range of ids.
"""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> UUID:
    return _uuid7()


def first_uuid7_at(moment: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond: the lower bound of a range of ids by time."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (0x7 << 76) | (0b10 << 62))
