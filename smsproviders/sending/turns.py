"""One turn of a worker at a message it has claimed: what to do, written down before it is done."""

from dataclasses import dataclass

from django.utils import timezone

from smsproviders import asking, claiming, routing
from smsproviders.accounts import ProviderUnusable, backend_for
from smsproviders.callbacks import callback_url
from smsproviders.contract import CALL_SECONDS, Deadline, OutgoingSms, SendResult
from smsproviders.models import SmsAttempt, SmsMessage, SmsProvider
from smsproviders.sending import moving, outcomes
from smsproviders.sending.calling import Call
from smsproviders.sending.next_step import Send, Step, end_of_sending, next_step


@dataclass(frozen=True, slots=True)
class Question:
    """Ask what came of this attempt, before anything is sent again."""

    attempt: SmsAttempt


Turn = Call | Question


def begin(held: claiming.Claim, *, asked: bool = False) -> Turn | None:
    """None: there is nothing to do. Runs in the caller's transaction, which ends before the call.

    A worker with another DATA_KEYS raises DecryptionFailed here: the claim is then rolled back with
    the transaction, and a worker that has the key may take the message.
    """
    message = moving.lock(lease=held.lease, pk=held.message_id)
    if message is None:
        return None
    return _Turn(message, asked=asked).begin()


class _Turn:
    def __init__(self, message: SmsMessage, *, asked: bool) -> None:
        self.message = message
        self.asked = asked
        self.now = timezone.now()
        self.attempts = moving.attempts_of(message)
        self.route = {provider.pk: provider for provider in routing.route_of(message)}

    def begin(self) -> Turn | None:
        self._settle_lapsed()
        while self.now < self.message.expires_at and isinstance(step := self._step(), Send):
            if step.ask_first and not self.asked:
                return Question(next(one for one in self.attempts if one.pk == step.ask_first))
            if turn := self._call(self.route[step.provider_id]):
                return turn
        moving.release(self.message)
        moving.move(self.message, self.attempts)
        return None

    def _settle_lapsed(self) -> None:
        """The claim is ours, so whatever seems to be running lost its worker."""
        for attempt in self.attempts:
            if not attempt.decision:
                outcomes.mark_lapsed(attempt)
                asking.plan_first(attempt, calls_back=False)
                attempt.save(update_fields=["decision", "ask_at"])

    def _step(self) -> Step:
        return next_step(
            self.attempts, route=list(self.route), now=self.now, expires_at=self.message.expires_at
        )

    def _call(self, provider: SmsProvider) -> Call | None:
        """The attempt, committed before the call. None: that provider cannot be used as it is."""
        attempt = self._new_attempt(provider)
        self.attempts.append(attempt)
        try:
            backend = backend_for(provider)
        except ProviderUnusable as problem:
            outcomes.take_answer(attempt, SendResult(problem.verdict), duration_ms=0)
            attempt.save(force_insert=True)
            return None
        attempt.sender = attempt.sender or backend.default_sender
        sms = self._outgoing(attempt, provider, calls_back=backend.calls_back)
        attempt.save(force_insert=True)
        moving.move(self.message, self.attempts)
        return Call(backend, sms, self._deadline())

    def _new_attempt(self, provider: SmsProvider) -> SmsAttempt:
        return SmsAttempt(
            message=self.message,
            provider=provider,
            provider_caption=provider.caption,
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
        end = end_of_sending(self.attempts, now=self.now, expires_at=self.message.expires_at)
        return Deadline.after(min(CALL_SECONDS, (end - self.now).total_seconds()))
