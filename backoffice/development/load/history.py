"""Messages in bulk, as 90 days of business left them, the oldest first.

They are in the order of their time in the tables too, as real ones are.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from django.db.models import TextField
from django.db.models.functions import Cast

from backoffice.development.load.evidence import Evidence, make_words_unique
from backoffice.development.load.messages import LIFE, Messages, Recipient
from backoffice.development.load.people import HOST
from backoffice.development.load.rows import DAY, Rows
from twofa.models import Challenge, SmsConfirmation

SPAN = 90 * DAY
# Whatever is younger than this may still be alive.
QUIET = 2 * LIFE


@dataclass(slots=True)
class Batch:
    """Some messages, with all that belongs to them."""

    size: int
    rows: Rows = field(default_factory=Rows)


class History:
    """`now` is in milliseconds."""

    def __init__(self, random: Random, *, now: int) -> None:
        self.random, self.now = random, now
        self.recipients = _recipients()
        self.messages = Messages(random, now=now)
        self.evidence = Evidence(random)

    def batches(self, total: int, *, size: int) -> Iterator[Batch]:
        """LookupError when there is nobody to send to."""
        if total and not self.recipients:
            raise LookupError
        for start in range(0, total, size):
            end = min(start + size, total)
            batch = Batch(end - start)
            for index in range(start, end):
                share = (index + self.random.random()) / total
                asked = self.now - SPAN + int(share * (SPAN - QUIET))
                recipient = self.random.choice(self.recipients)
                sent = self.messages.add(batch.rows, recipient, asked=asked)
                self.evidence.add(batch.rows, sent)
            yield batch

    def write(self, batch: Batch) -> None:
        make_words_unique(batch.rows.of(Challenge))
        batch.rows.write()


def _recipients() -> list[Recipient]:
    """Clients of this load and of earlier ones who get codes by SMS."""
    found = SmsConfirmation.objects.filter(confirmed=True, user__email__endswith=f"@{HOST}")
    # As plain text: a phone number that is parsed costs ten times the rest.
    rows = found.annotate(plain=Cast("number", TextField())).order_by("pk")
    facts = rows.values_list("user_id", "plain", "user__client__country", "pk")
    return [Recipient(user.hex, number, country, key.hex) for user, number, country, key in facts]
