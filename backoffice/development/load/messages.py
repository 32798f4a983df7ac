"""One message with its calls and reports, as the sending of it left them. All of it is over."""

import json
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from backoffice.development.load.rows import DAY, Rows, dashed, id_at, stamp, stamp_or_none
from backoffice.development.load.stories import STORIES, Call, Story
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage, SmsProvider
from smsproviders.vocabulary import Decision, MessageState, Progress
from twofa.vocabulary import Purpose

LIFE = 300_000  # milliseconds
ANSWERS_KEPT = 30 * DAY
WEIGHTS = tuple(accumulate(story.weight for story in STORIES))
CAPTIONS = ("Load A", "Load B", "Load C")
PROVIDER_SHARES = tuple(accumulate((70, 25, 5)))
PURPOSES = (Purpose.SIGN_IN, Purpose.STEP_UP, Purpose.ENROL)
PURPOSE_SHARES = tuple(accumulate((85, 10, 5)))
FINE = frozenset({MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Recipient:
    """Ids in hexadecimal."""

    user: str
    number: str
    country: str
    factor: str


@dataclass(slots=True)
class Sent:
    """Ids in hexadecimal, moments in milliseconds; None: it never came to that."""

    to: Recipient
    message: str
    challenge: str
    purpose: str
    asked: int
    accepted: int | None = None
    handed_over: int | None = None
    delivered: int | None = None
    typed: int | None = None


class Messages:
    def __init__(self, random: Random, *, now: int) -> None:
        self.random, self.now = random, now
        self.providers = [_provider(caption) for caption in CAPTIONS]

    def add(self, rows: Rows, recipient: Recipient, *, asked: int) -> Sent:
        random = self.random
        story = random.choices(STORIES, cum_weights=WEIGHTS)[0]
        sent = Sent(
            to=recipient,
            message=id_at(asked + 1, random),
            challenge=id_at(asked, random),
            purpose=random.choices(PURPOSES, cum_weights=PURPOSE_SHARES)[0].value,
            asked=asked,
        )
        self._add_calls(rows, story, sent)
        if sent.accepted and random.random() < story.typed:
            sent.typed = (sent.delivered or sent.accepted) + random.randint(4_000, 45_000)
        _add_message(rows, story, sent)
        return sent

    def _add_calls(self, rows: Rows, story: Story, sent: Sent) -> None:
        """The first by a provider's share, each further one by the next provider."""
        first = self.random.choices(range(len(CAPTIONS)), cum_weights=PROVIDER_SHARES)[0]
        at = sent.asked + self.random.randint(8, 40)
        for number, call in enumerate(story.calls, start=1):
            provider = (first + number - 1) % len(CAPTIONS)
            at = self._add_call(rows, call, sent, number, provider, at)
            at += self.random.randint(100, 1500)

    def _add_call(
        self, rows: Rows, call: Call, sent: Sent, number: int, provider: int, at: int
    ) -> int:
        """When it was over, its reports too."""
        took = int(self.random.lognormvariate(5.2, 0.4))
        attempt = id_at(at, self.random)
        taken = call.progress is not None
        rows.add(
            SmsAttempt,
            id=attempt,
            message_id=sent.message,
            provider_id=self.providers[provider],
            provider_caption=CAPTIONS[provider],
            country=sent.to.country,
            number=number,
            sender="+15005550006",
            started_at=stamp(at),
            duration_ms=took,
            decision=call.decision.value,
            cause=call.cause or "",
            error_code=call.code,
            answer=self._answer(call, at),
            provider_message_id=f"SM{self.random.getrandbits(128):032x}" if taken else "",
            progress=call.progress or "",
            segments=1 if taken else None,
            price="-0.07500" if taken else None,
            currency="USD" if taken else "",
        )
        if call.decision == Decision.DONE:
            sent.accepted = at + took
        return self._add_reports(rows, call, sent, attempt, at + took)

    def _add_reports(self, rows: Rows, call: Call, sent: Sent, attempt: str, at: int) -> int:
        for status, progress, code in call.reports:
            at += int(self.random.lognormvariate(7.6, 0.6))
            payload = {"MessageStatus": status, **({"ErrorCode": code} if code else {})}
            rows.add(
                DeliveryReport,
                id=id_at(at, self.random),
                attempt_id=attempt,
                received_at=stamp(at),
                raw_status=status,
                progress=progress.value,
                error_code=code,
                payload=self._kept(payload, at),
            )
            if call.decision == Decision.DONE:
                sent.handed_over = sent.handed_over or at
                sent.delivered = at if progress == Progress.DELIVERED else None
        return at

    def _answer(self, call: Call, at: int) -> str:
        if call.progress:
            return self._kept({"status": "queued", "num_segments": "1"}, at)
        return self._kept({"code": call.code} if call.code else {}, at)

    def _kept(self, raw: dict[str, str], at: int) -> str:
        """What housekeeping would have blanked by now is blank."""
        return json.dumps(raw) if self.now - at < ANSWERS_KEPT else "{}"


def _add_message(rows: Rows, story: Story, sent: Sent) -> None:
    expires = sent.asked + LIFE
    fine = story.state in FINE
    rows.add(
        SmsMessage,
        id=sent.message,
        number=sent.to.number,
        country=sent.to.country,
        purpose=sent.purpose,
        reference=dashed(sent.challenge),
        state=story.state.value,
        cause=story.cause or "",
        created_at=stamp(sent.asked),
        expires_at=stamp(expires),
        next_attempt_at=None,
        published_at=stamp(sent.asked),
        accepted_at=stamp_or_none(sent.accepted if fine else None),
        sent_at=stamp_or_none(sent.handed_over if fine else None),
        delivered_at=stamp_or_none(sent.delivered),
        finished_at=stamp(min(sent.delivered or sent.typed or expires, expires)),
        converted_at=stamp_or_none(sent.typed),
    )


def _provider(caption: str) -> str:
    """Switched off: nothing is ever routed there."""
    name = caption.lower().replace(" ", "-")
    fields = {"caption": caption, "backend": "sandbox", "enabled": False, "priority": 90}
    return SmsProvider.objects.get_or_create(name=name, defaults=fields)[0].pk.hex
