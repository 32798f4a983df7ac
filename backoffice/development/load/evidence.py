"""What the second factor keeps of a message: the request for it, the challenge, the tries."""

from itertools import accumulate
from random import Random

from backoffice.development.load.messages import LIFE, Sent
from backoffice.development.load.rows import Row, Rows, id_at, stamp, stamp_or_none
from smsproviders.prefixes import prefix_of
from twofa.challenge_life import REFERENCE_SYMBOLS
from twofa.models import Challenge, CodeAttempt, SendRequest
from twofa.references import ALPHABET, random_word
from twofa.vocabulary import CodeOutcome, FactorKind, SendOutcome

REFUSALS = (SendOutcome.COOLDOWN, SendOutcome.CAP_NUMBER, SendOutcome.COUNTRY_CLOSED)
REFUSAL_SHARES = tuple(accumulate((90, 7, 3)))
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


class Evidence:
    """A request for every message; challenge and tries for those of one client in four."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def add(self, rows: Rows, sent: Sent) -> None:
        whole = sent.to.user[-1] in "0123"
        if whole:
            self._add_challenge(rows, sent)
            self._add_tries(rows, sent)
        self._add_requests(rows, sent, challenge=sent.challenge if whole else None)

    def _add_challenge(self, rows: Rows, sent: Sent) -> None:
        word = "".join(self.random.choices(ALPHABET, k=REFERENCE_SYMBOLS))
        rows.add(
            Challenge,
            id=sent.challenge,
            public_reference=f"{word[:4]}-{word[4:]}",
            user_id=sent.to.user,
            factor=FactorKind.SMS.value,
            purpose=sent.purpose,
            binding="load",
            factor_id=sent.to.factor,
            number=sent.to.number,
            created_at=stamp(sent.asked),
            expires_at=stamp(sent.asked + LIFE),
            sends=1,
            last_sent_at=stamp(sent.asked),
            attempts=int(sent.typed is not None),
            consumed_at=stamp_or_none(sent.typed),
        )

    def _add_tries(self, rows: Rows, sent: Sent) -> None:
        if sent.typed is None:
            return
        if self.random.random() < 0.08:
            self._add_try(rows, sent, sent.typed - 3_000, CodeOutcome.INCORRECT)
        self._add_try(rows, sent, sent.typed, CodeOutcome.ACCEPTED)

    def _add_try(self, rows: Rows, sent: Sent, at: int, outcome: CodeOutcome) -> None:
        rows.add(
            CodeAttempt,
            id=id_at(at, self.random),
            user_id=sent.to.user,
            challenge_id=sent.challenge,
            factor=FactorKind.SMS.value,
            purpose=sent.purpose,
            at=stamp(at),
            outcome=outcome.value,
            factor_id=sent.to.factor,
            address=self._address(),
            browser=BROWSER,
        )

    def _add_requests(self, rows: Rows, sent: Sent, *, challenge: str | None) -> None:
        """The one that was sent; seldom also one that was refused a moment later."""
        self._add_request(rows, sent, sent.asked, SendOutcome.QUEUED, challenge)
        if self.random.random() < 0.05:
            refusal = self.random.choices(REFUSALS, cum_weights=REFUSAL_SHARES)[0]
            self._add_request(rows, sent, sent.asked + 9_000, refusal, challenge)

    def _add_request(
        self, rows: Rows, sent: Sent, at: int, outcome: SendOutcome, challenge: str | None
    ) -> None:
        rows.add(
            SendRequest,
            id=id_at(at, self.random),
            user_id=sent.to.user,
            challenge_id=challenge,
            at=stamp(at),
            number=sent.to.number,
            prefix=prefix_of(sent.to.number),
            country=sent.to.country,
            address=self._address(),
            outcome=outcome.value,
            message_id=sent.message if outcome == SendOutcome.QUEUED else None,
        )

    def _address(self) -> str:
        number = self.random.getrandbits(24)
        return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def make_words_unique(challenges: list[Row]) -> None:
    """Few of 2^40 words are taken, but a million new ones meet one of a million old ones."""
    words = [row["public_reference"] for row in challenges]
    used = Challenge.objects.filter(public_reference__in=words)
    taken = set(used.values_list("public_reference", flat=True))
    for row in challenges:
        while row["public_reference"] in taken:
            row["public_reference"] = random_word(REFERENCE_SYMBOLS)
        taken.add(str(row["public_reference"]))
