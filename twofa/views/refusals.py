"""Why a code was not taken, or not sent: in words, with what to do next."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from twofa.results import Lock, Refused, SendRefused
from twofa.views.moments import with_time
from twofa.vocabulary import CodeOutcome, FactorKind, Malformed, SendOutcome


@dataclass(frozen=True, slots=True)
class Problem:
    """A box above the form. `clock`: with the steps that set a phone's clock right.

    `until` stands in the place of the text's `%(time)s`.
    """

    title: str
    text: str = ""
    until: datetime | None = None
    clock: bool = False
    offers_new_code: bool = False
    tone: str = "bad"
    reference: str = ""  # where no block for a code shows one

    @property
    def words(self) -> str:
        return with_time(self.text, self.until, mark="locked-until") if self.until else self.text

    @property
    def wait(self) -> int:
        """Seconds to count down; 0 where there is no end. See `waiting`."""
        return max(0, ceil((self.until - timezone.now()).total_seconds())) if self.until else 0

    @property
    def waiting(self) -> str:
        """A script puts the time in, and counts down."""
        return _("Time left: %(time)s")


def box_for(refused: Refused, factor: FactorKind) -> Problem | None:
    """What needs more than a line at the field: a lock, an expired code, a phone's clock."""
    if refused.hard_locked:
        return _hard_locked(factor)
    if refused.locked_until is not None:
        return _locked(factor, refused.locked_until)
    if refused.outcome is CodeOutcome.METHOD_OFF:
        return Problem(
            _("This way of signing in is switched off"),
            _("Use another way. If there is none, write to support."),
        )
    if refused.challenge_dead or refused.outcome is CodeOutcome.NO_CHALLENGE:
        return _dead(refused.outcome, factor)
    if refused.clock_offset is not None:
        return Problem(clock_title(refused.clock_offset), clock=True, tone="warn")
    return None


def line_for(refused: Refused, factor: FactorKind) -> str:
    """The line at the field; "" when the box says it all."""
    if refused.outcome is CodeOutcome.MALFORMED:
        return _malformed(refused.malformed or Malformed.NOT_DIGITS, factor)
    if refused.hard_locked or refused.locked_until is not None or refused.challenge_dead:
        return ""
    words = {
        CodeOutcome.INCORRECT: _("This code is not right."),
        CodeOutcome.REUSED: _reused(factor),
        CodeOutcome.SUPERSEDED: _(
            "This is the code of an older message. Use the one in the newest."
        ),
        CodeOutcome.EXPIRED: _("This code has expired."),
    }.get(refused.outcome, "")
    return f"{words} {tries_left(refused.tries_left)}".strip()


def tries_left(count: int | None) -> str:
    if count is None or count > 3:
        return ""
    return ngettext(
        "%(count)d try left before the account is locked for a while.",
        "%(count)d tries left before the account is locked for a while.",
        count,
    ) % {"count": count}


def _malformed(why: Malformed, factor: FactorKind) -> str:
    if factor is FactorKind.TEMPORARY:
        return {
            Malformed.EMPTY: _("Enter the code that support gave you."),
        }.get(why, _("This is not such a code. It has eight letters and digits."))
    if factor is FactorKind.RECOVERY:
        return {
            Malformed.EMPTY: _("Enter a recovery code."),
        }.get(why, _("This is not a recovery code. Each has sixteen letters and digits."))
    return {
        Malformed.EMPTY: _("Enter the code."),
        Malformed.NOT_DIGITS: _("A code has digits only. Check what you pasted."),
        Malformed.TOO_FEW: _("Some digits are missing: the code has six."),
        Malformed.TOO_MANY: _("These are too many digits: the code has six."),
    }[why]


def _reused(factor: FactorKind) -> str:
    if factor is FactorKind.AUTHENTICATOR:
        return _("This code was used already. Wait for the next one in the app.")
    if factor is FactorKind.RECOVERY:
        return _("This recovery code was used already. Cross it out and take another.")
    return _("This code was used already. Ask for a new one.")


def _dead(outcome: CodeOutcome, factor: FactorKind) -> Problem:
    by_sms = factor is FactorKind.SMS
    if outcome is CodeOutcome.NO_CHALLENGE:
        return Problem(
            _("No code is waiting to be typed"),
            _("It was never sent, or it is too long ago."),
            offers_new_code=by_sms,
        )
    return Problem(
        _("This code has expired"),
        _("Codes live for a few minutes only. We send a new one when you ask for it."),
        offers_new_code=by_sms,
    )


def _locked(factor: FactorKind, until: datetime) -> Problem:
    return Problem(
        _("Locked after too many wrong codes"),
        _("Not even the right code is taken before %(time)s."),
        until=_whole_minute(until),
        clock=factor is FactorKind.AUTHENTICATOR,
    )


def _hard_locked(factor: FactorKind) -> Problem:
    return Problem(
        _("Locked after too many wrong codes"),
        _(
            "This lock has no end by itself. Sign in with a recovery code, or write to support, "
            "who will make sure that it is you and unlock it."
        ),
        clock=factor is FactorKind.AUTHENTICATOR,
    )


def clock_title(offset: timedelta) -> str:
    minutes = round(abs(offset.total_seconds()) / 60)
    if minutes < 1:
        return _("The clock of your phone is off by less than a minute")
    words = (
        ngettext(
            "The clock of your phone is about %(count)d minute fast",
            "The clock of your phone is about %(count)d minutes fast",
            minutes,
        )
        if offset > timedelta(0)
        else ngettext(
            "The clock of your phone is about %(count)d minute slow",
            "The clock of your phone is about %(count)d minutes slow",
            minutes,
        )
    )
    return words % {"count": minutes}


def box_for_lock(lock: Lock | None, factor: FactorKind) -> Problem | None:
    """The lock that holds when the page opens, before anything was typed."""
    if lock is None:
        return None
    return _hard_locked(factor) if lock.until is None else _locked(factor, lock.until)


def box_for_send(refused: SendRefused) -> Problem:
    """Why no message was sent, and what to do. What guards against fraud says no more than that
    it is not possible now: the client did nothing wrong, and a swindler learns nothing."""
    if refused.outcome is SendOutcome.LOCKED:
        if refused.allowed_from is None:
            return _hard_locked(FactorKind.SMS)
        return _locked(FactorKind.SMS, refused.allowed_from)
    title, text = _send_words(refused.outcome)
    if refused.allowed_from is None:
        return Problem(title, text)
    text = f"{_('A new one can be sent from %(time)s.')} {text}".strip()
    return Problem(title, text, until=_whole_minute(refused.allowed_from))


def _whole_minute(moment: datetime) -> datetime:
    """The page shows minutes: rounded up, so that what it promises is true."""
    return (moment + timedelta(seconds=59, milliseconds=999)).replace(second=0, microsecond=0)


def _send_words(outcome: SendOutcome) -> tuple[str, str]:
    enough = _("Write to support if this goes on.")
    not_now = (
        _("SMS to this number is not possible at the moment"),
        _("Use your authenticator app or a recovery code, or write to support."),
    )
    return {
        SendOutcome.COOLDOWN: (_("That was too soon after the last code"), ""),
        SendOutcome.CAP_NUMBER: (_("Too many codes were sent to this number"), enough),
        SendOutcome.CAP_ACCOUNT: (_("Too many codes were sent for this account"), enough),
        SendOutcome.CAP_ADDRESS: (_("Too many codes were asked for from your network"), enough),
        SendOutcome.CAP_PREFIX: not_now,
        SendOutcome.SPEND_COUNTRY: not_now,
        SendOutcome.SPEND_ALL: not_now,
        SendOutcome.PREFIX_PAUSED: not_now,
        SendOutcome.COUNTRY_PAUSED: not_now,
        SendOutcome.FRAUD_HOLD: not_now,
        SendOutcome.COUNTRY_CLOSED: (
            _("We do not send codes to numbers of this country"),
            _("Use an authenticator app, which works everywhere."),
        ),
        SendOutcome.METHOD_OFF: (
            _("SMS confirmation is switched off"),
            _("Use an authenticator app instead."),
        ),
        SendOutcome.NUMBER_REFUSED: (
            _("This number cannot receive codes"),
            _("No phone can have it. Check it digit by digit, with the country code."),
        ),
        SendOutcome.LANDLINE: (
            _("This is the number of a landline, which takes no text messages"),
            _("Enter the number of a mobile phone, or use an authenticator app."),
        ),
        SendOutcome.NO_NUMBER: (
            _("There is no number to send a code to"),
            _("Use another way, or write to support."),
        ),
    }.get(outcome, (_("No code was sent"), enough))
