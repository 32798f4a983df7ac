"""One turn of a worker at a message it has claimed: what to do, written down before it is done."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from backoffice.common.ready_queries import ReadyInsert
from smsproviders import asking, bulkheads, routing
from smsproviders.accounts import ProviderUnusable, backend_for
from smsproviders.callbacks import callback_url
from smsproviders.contract import CALL_SECONDS, Deadline, OutgoingSms, SendResult, SmsBackend
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.sending import deciding, moving, outcomes
from smsproviders.sending.admission import Admission, Go
from smsproviders.sending.calling import Call
from smsproviders.sending.next_step import Held, Hold, Send, Step, end_of_sending
from smsproviders.vocabulary import MessageState

# A provider that hangs must not keep the next one from being called within 15 s of the first call.
QUESTION_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Question:
    """Ask what came of this attempt, before anything is sent again."""

    attempt: SmsAttempt


Turn = Call | Question

_insert = ReadyInsert(SmsAttempt)


def begin(message: SmsMessage, *, asked: bool = False) -> Turn | None:
    """None: there is nothing to do. Runs in the claim's transaction, which ends before the call.

    A worker with another DATA_KEYS raises DecryptionFailed here, or in claiming: the claim is then
    rolled back with the transaction, and a worker that has the key may take the message.
    """
    return _Turn(message, asked=asked).begin()


class _Turn:
    def __init__(self, message: SmsMessage, *, asked: bool) -> None:
        self.message = message
        self.asked = asked
        self.now = timezone.now()
        # A message that is still queued has none: the first one moves it on.
        is_new = message.state == MessageState.QUEUED
        self.attempts = [] if is_new else moving.attempts_of(message)
        self.route = routing.route_of(message)
        self.admission = Admission(message, self.route, now=self.now)

    def begin(self) -> Turn | None:
        self._settle_lapsed()
        while isinstance(step := self._step(), Send):
            if step.ask_first and not self.asked:
                return self._question(step.ask_first)
            done = self._try(self.route.providers[step.provider_id])
            if isinstance(done, Call):
                return done
            if isinstance(done, Hold):
                step = done
                break
        if isinstance(step, Hold):
            step = self.admission.line_up(step)
        moving.release(self.message)
        moving.move(self.message, self.attempts, step)
        return None

    def _settle_lapsed(self) -> None:
        """The claim is ours, so whatever seems to be running lost its worker."""
        for attempt in self.attempts:
            if not attempt.decision:
                outcomes.mark_lapsed(attempt)
                asking.plan_first(attempt, calls_back=False)
                attempt.save(update_fields=["decision", "ask_at"])

    def _step(self, *, without: UUID | None = None) -> Step:
        busy = self.admission.busy
        if without is not None:
            busy = {**busy, without: Held(self.message.expires_at + timedelta(seconds=1))}
        return deciding.by_route(self.message, self.attempts, self.route, now=self.now, busy=busy)

    def _question(self, attempt_id: UUID) -> Question:
        attempt = next(one for one in self.attempts if one.pk == attempt_id)
        if attempt.provider_id:
            bulkheads.enter(attempt.provider_id, limited=False)
        self.message.save(update_fields=["lease", "next_attempt_at"])
        return Question(attempt)

    def _try(self, provider: SmsProvider) -> Call | Hold | None:
        """None: this provider cannot be used now; what is left may be."""
        attempt = self._new_attempt(provider)
        try:
            backend = backend_for(provider)
        except ProviderUnusable as problem:
            self.attempts.append(attempt)
            outcomes.take_answer(attempt, SendResult(problem.verdict), duration_ms=0)
            _insert(attempt)
            return None
        backend.prepare()
        has_other = isinstance(self._step(without=provider.pk), Send)
        admitted = self.admission.ask(provider, attempt.pk, has_other=has_other)
        if isinstance(admitted, Go):
            return self._call(attempt, provider, backend, after=admitted.after)
        return admitted

    def _call(
        self, attempt: SmsAttempt, provider: SmsProvider, backend: SmsBackend, *, after: float
    ) -> Call:
        """The attempt is committed before the call."""
        self.attempts.append(attempt)
        attempt.sender = attempt.sender or backend.default_sender
        sms = self._outgoing(attempt, provider, calls_back=backend.calls_back)
        _insert(attempt)
        moving.move(self.message, self.attempts)
        is_test = self.message.only_provider_id is not None
        in_spite = is_test or provider.pk in self.route.breakers
        return Call(backend, sms, self._deadline(), after=after, in_spite=in_spite)

    def _new_attempt(self, provider: SmsProvider) -> SmsAttempt:
        return SmsAttempt(
            message=self.message,
            provider=provider,
            provider_caption=provider.caption,
            country=self.message.country,
            number=len(self.attempts) + 1,
            sender=provider.sender_for(self.message.country),
            started_at=self.now,
        )

    def _outgoing(
        self, attempt: SmsAttempt, provider: SmsProvider, *, calls_back: bool
    ) -> OutgoingSms:
        return OutgoingSms(
            attempt_id=attempt.pk,
            to=self.message.number,
            body=self.message.body,
            sender=attempt.sender,
            expires_at=self.message.expires_at,
            callback_url=callback_url(provider, attempt.pk) if calls_back else "",
            attempt_number=attempt.number,
        )

    def _deadline(self) -> Deadline:
        end = end_of_sending(self.attempts, expires_at=self.message.expires_at)
        return Deadline.after(min(CALL_SECONDS, (end - self.now).total_seconds()))
