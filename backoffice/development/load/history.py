"""Messages in bulk, as 90 days of business left them, with everything that belongs to them.

Each has its calls, its reports and its place in the ledger of sends; for one client in four the
challenge and the tries are there as well. All of them are over: nothing of it is ever sent.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from django.db.models import TextField
from django.db.models.functions import Cast

from backoffice.development.load.people import HOST
from backoffice.development.load.rows import DAY, Row, Table, Value, dashed, id_at, stamp
from backoffice.development.load.stories import STORIES, Call, Story
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, MessageState, Progress
from twofa.challenge_life import REFERENCE_SYMBOLS as SYMBOLS
from twofa.models import Challenge, CodeAttempt, SendRequest, SmsConfirmation
from twofa.numbers import prefix_of
from twofa.references import ALPHABET, random_word
from twofa.vocabulary import CodeOutcome, FactorKind, Purpose, SendOutcome

SPAN = 90 * DAY
LIFE = 300_000  # milliseconds
# Whatever is younger than this may still be alive.
QUIET = 2 * LIFE
ANSWERS_KEPT = 30 * DAY
WEIGHTS = tuple(accumulate(story.weight for story in STORIES))
CAPTIONS = ("Load A", "Load B", "Load C")
PROVIDER_SHARES = tuple(accumulate((70, 25, 5)))
PURPOSES = (Purpose.SIGN_IN, Purpose.STEP_UP, Purpose.ENROL)
PURPOSE_SHARES = tuple(accumulate((85, 10, 5)))
REFUSALS = (SendOutcome.COOLDOWN, SendOutcome.CAP_NUMBER, SendOutcome.COUNTRY_CLOSED)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FINE = frozenset({MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED})

Recipient = tuple[str, str, str, str]
"""User, number, country, factor; ids in hexadecimal."""


@dataclass(slots=True)
class Batch:
    """Rows of some messages, by table."""

    messages: list[Row] = field(default_factory=list)
    calls: list[Row] = field(default_factory=list)
    reports: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    challenges: list[Row] = field(default_factory=list)
    tries: list[Row] = field(default_factory=list)
    words: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Moments:
    """Of one message, in milliseconds; None: it never came to that."""

    asked: int
    accepted: int | None = None
    sent: int | None = None
    delivered: int | None = None
    typed: int | None = None


class History:
    """Makes messages to clients of a load, the oldest first. `now` is in milliseconds."""

    def __init__(self, random: Random, *, now: int) -> None:
        self.random, self.now = random, now
        self.recipients = _recipients()
        self.providers = [_provider(caption) for caption in CAPTIONS]
        self.messages = Table(
            SmsMessage,
            *("id", "number", "country", "purpose", "reference", "state", "cause", "created_at"),
            *("expires_at", "next_attempt_at", "published_at", "accepted_at", "sent_at"),
            *("delivered_at", "finished_at", "converted_at"),
        )
        self.calls = Table(
            SmsAttempt,
            *("id", "message_id", "provider_id", "provider_caption", "country", "number"),
            *("sender", "started_at", "duration_ms", "decision", "cause", "error_code", "answer"),
            *("provider_message_id", "progress", "segments", "price", "currency"),
        )
        self.reports = Table(
            DeliveryReport,
            *("id", "attempt_id", "received_at", "raw_status", "progress", "error_code"),
            "payload",
        )
        self.requests = Table(
            SendRequest,
            *("id", "user_id", "challenge_id", "at", "number", "prefix", "country", "address"),
            "outcome",
        )
        self.challenges = Table(
            Challenge,
            *("id", "public_reference", "user_id", "factor", "purpose", "binding", "factor_id"),
            *("number", "created_at", "expires_at", "sends", "last_sent_at", "attempts"),
            "consumed_at",
        )
        self.tries = Table(
            CodeAttempt,
            *("id", "user_id", "challenge_id", "factor", "purpose", "at", "outcome", "factor_id"),
            *("address", "browser"),
        )

    def batches(self, total: int, *, size: int) -> Iterator[Batch]:
        """LookupError when there is nobody to send to."""
        if total and not self.recipients:
            raise LookupError
        for start in range(0, total, size):
            batch = Batch()
            for index in range(start, min(start + size, total)):
                share = (index + self.random.random()) / total
                self._add(batch, self.now - SPAN + int(share * (SPAN - QUIET)))
            yield batch

    def write(self, batch: Batch) -> None:
        self.messages.write(batch.messages)
        self.calls.write(batch.calls)
        self.reports.write(batch.reports)
        self.challenges.write(self._with_free_words(batch))
        self.requests.write(batch.requests)
        self.tries.write(batch.tries)

    def _add(self, batch: Batch, asked: int) -> None:
        random = self.random
        recipient = random.choice(self.recipients)
        story = random.choices(STORIES, cum_weights=WEIGHTS)[0]
        purpose = random.choices(PURPOSES, cum_weights=PURPOSE_SHARES)[0].value
        challenge, message = id_at(asked, random), id_at(asked + 1, random)
        moments = Moments(asked)
        self._add_calls(batch, story, message, moments, country=recipient[2])
        if moments.accepted and random.random() < story.typed:
            moments.typed = (moments.delivered or moments.accepted) + random.randint(4_000, 45_000)
        self._add_message(batch, story, message, challenge, recipient, purpose, moments)
        whole = recipient[0][-1] in "0123"
        if whole:
            self._add_challenge(batch, challenge, recipient, purpose, moments)
            self._add_tries(batch, challenge, recipient, purpose, moments)
        self._add_requests(batch, challenge if whole else None, recipient, asked)

    def _add_calls(
        self, batch: Batch, story: Story, message: str, moments: Moments, *, country: str
    ) -> None:
        random = self.random
        first = random.choices(range(len(CAPTIONS)), cum_weights=PROVIDER_SHARES)[0]
        at = moments.asked + random.randint(8, 40)
        for number, call in enumerate(story.calls, start=1):
            provider = (first + number - 1) % len(CAPTIONS)
            took = int(random.lognormvariate(5.2, 0.4))
            attempt = id_at(at, random)
            theirs = f"SM{random.getrandbits(128):032x}" if call.progress else ""
            taken = bool(theirs)
            batch.calls.append(
                (
                    *(attempt, message, self.providers[provider], CAPTIONS[provider], country),
                    *(
                        number,
                        "+15005550006",
                        stamp(at),
                        took,
                        call.decision.value,
                        call.cause or "",
                    ),
                    *(call.code, self._answer(call, at), theirs, call.progress or ""),
                    *((1, "-0.07500", "USD") if taken else (None, None, "")),
                )
            )
            at += took
            if call.decision == Decision.DONE:
                moments.accepted = at
            at = self._add_reports(batch, call, attempt, at, moments)
            at += random.randint(100, 1500)

    def _add_reports(
        self, batch: Batch, call: Call, attempt: str, at: int, moments: Moments
    ) -> int:
        for status, progress, code in call.reports:
            at += int(self.random.lognormvariate(7.6, 0.6))
            payload = {"MessageStatus": status, **({"ErrorCode": code} if code else {})}
            batch.reports.append(
                (
                    *(id_at(at, self.random), attempt, stamp(at), status, progress.value, code),
                    self._kept(payload, at),
                )
            )
            if call.decision == Decision.DONE:
                moments.sent = moments.sent or at
                if progress == Progress.DELIVERED:
                    moments.delivered = at
        return at

    def _add_message(
        self,
        batch: Batch,
        story: Story,
        message: str,
        challenge: str,
        recipient: Recipient,
        purpose: str,
        moments: Moments,
    ) -> None:
        expires = moments.asked + LIFE
        fine = story.state in FINE
        finished = min(moments.delivered or moments.typed or expires, expires)
        batch.messages.append(
            (
                *(message, recipient[1], recipient[2], purpose, dashed(challenge)),
                *(story.state.value, story.cause or "", stamp(moments.asked), stamp(expires)),
                *(None, stamp(moments.asked)),
                *(_stamped(moments.accepted if fine else None),),
                *(_stamped(moments.sent if fine else None), _stamped(moments.delivered)),
                *(stamp(finished), _stamped(moments.typed)),
            )
        )

    def _add_challenge(
        self, batch: Batch, challenge: str, recipient: Recipient, purpose: str, moments: Moments
    ) -> None:
        user, number, _country, factor = recipient
        batch.challenges.append(
            (
                *(challenge, self._word(batch), user, FactorKind.SMS.value, purpose, "load"),
                *(factor, number, stamp(moments.asked), stamp(moments.asked + LIFE), 1),
                *(stamp(moments.asked), int(moments.typed is not None), _stamped(moments.typed)),
            )
        )

    def _add_tries(
        self, batch: Batch, challenge: str, recipient: Recipient, purpose: str, moments: Moments
    ) -> None:
        if moments.typed is None:
            return
        tries = [(moments.typed, CodeOutcome.ACCEPTED)]
        if self.random.random() < 0.08:
            tries.insert(0, (moments.typed - 3_000, CodeOutcome.INCORRECT))
        for at, outcome in tries:
            batch.tries.append(
                (
                    *(id_at(at, self.random), recipient[0], challenge, FactorKind.SMS.value),
                    *(purpose, stamp(at), outcome.value, recipient[3], self._address(), BROWSER),
                )
            )

    def _add_requests(
        self, batch: Batch, challenge: str | None, recipient: Recipient, asked: int
    ) -> None:
        outcomes = [SendOutcome.QUEUED]
        if self.random.random() < 0.05:
            outcomes.append(self.random.choice(REFUSALS))
        user, number, country, _factor = recipient
        for outcome in outcomes:
            batch.requests.append(
                (
                    *(id_at(asked, self.random), user, challenge, stamp(asked), number),
                    *(prefix_of(number), country, self._address(), outcome.value),
                )
            )
            asked += 9_000

    def _answer(self, call: Call, at: int) -> str:
        if call.progress:
            return self._kept({"status": "queued", "num_segments": "1"}, at)
        return self._kept({"code": call.code} if call.code else {}, at)

    def _kept(self, raw: dict[str, str], at: int) -> str:
        """What housekeeping would have blanked by now is blank."""
        return json.dumps(raw) if self.now - at < ANSWERS_KEPT else "{}"

    def _address(self) -> str:
        number = self.random.getrandbits(24)
        return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"

    def _word(self, batch: Batch) -> str:
        """A reference that no other challenge of the batch has."""
        while True:
            word = "".join(self.random.choices(ALPHABET, k=SYMBOLS))
            if word not in batch.words:
                batch.words.add(word)
                return f"{word[:4]}-{word[4:]}"

    def _with_free_words(self, batch: Batch) -> list[Row]:
        """Few of 2^40 words are taken, but a million new ones meet one of a million old ones."""
        rows = batch.challenges
        while taken := _taken(row[1] for row in rows):
            rows = [
                (row[0], random_word(SYMBOLS), *row[2:]) if row[1] in taken else row for row in rows
            ]
        return rows


def _taken(words: Iterable[Value]) -> set[Value]:
    used = Challenge.objects.filter(public_reference__in=list(words))
    return set(used.values_list("public_reference", flat=True))


def _stamped(moment: int | None) -> str | None:
    return None if moment is None else stamp(moment)


def _provider(caption: str) -> str:
    """Switched off: nothing is ever routed there."""
    name = caption.lower().replace(" ", "-")
    fields = {"caption": caption, "backend": "sandbox", "enabled": False, "priority": 90}
    return SmsProvider.objects.get_or_create(name=name, defaults=fields)[0].pk.hex


def _recipients() -> list[Recipient]:
    """Clients of this load and of earlier ones who get codes by SMS."""
    found = SmsConfirmation.objects.filter(confirmed=True, user__email__endswith=f"@{HOST}")
    # As plain text: a phone number that is parsed costs ten times the rest.
    rows = found.annotate(plain=Cast("number", TextField())).order_by("pk")
    return [
        (user.hex, number, country, key.hex)
        for user, number, country, key in rows.values_list(
            "user_id", "plain", "user__client__country", "pk"
        )
    ]
