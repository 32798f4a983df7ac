"""What each code of Vonage's is to lead to, written apart from the code that is tested by it."""

from dataclasses import dataclass

from smsproviders.vocabulary import Cause, Decision

NEXT, ONCE, STOP, RETRY = Decision.NEXT, Decision.NEXT_ONCE, Decision.STOP, Decision.RETRY
AMBIGUOUS = Decision.AMBIGUOUS


@dataclass(frozen=True, slots=True)
class Row:
    """`flags`: who is told (c: client, o: operator) and b: counts for the breaker."""

    code: str
    decision: Decision
    cause: Cause
    flags: str


_TABLE = [
    ("unreachable 13", NEXT, "provider_down", "b"),
    ("no-answer unusable-answer server-error partly-taken 5", AMBIGUOUS, "provider_down", "b"),
    ("address-refused", NEXT, "provider_incomplete", "o"),
    ("1 10", RETRY, "rate_limited_by_provider", ""),
    ("2 3 19 20 22", NEXT, "provider_incomplete", "o"),
    ("4 14 32", NEXT, "credentials_rejected", "ob"),
    ("6 34", STOP, "number_invalid", "c"),
    ("7", STOP, "carrier_blocked", "co"),
    ("8", NEXT, "account_suspended", "ob"),
    ("9", NEXT, "balance_low", "ob"),
    ("11", NEXT, "provider_incomplete", "ob"),
    ("12", STOP, "template_broken", "o"),
    ("15", NEXT, "sender_rejected", "o"),
    ("16 23", STOP, "callback_invalid", "o"),
    ("17", ONCE, "carrier_blocked", "o"),
    ("29", NEXT, "test_credentials", "ob"),
    ("33", STOP, "number_unknown", "c"),
    ("dlr-1 dlr-99 dlr-failed", ONCE, "unexplained", "o"),
    ("dlr-2 dlr-7", ONCE, "handset_unreachable", "c"),
    ("dlr-3", STOP, "number_unknown", "c"),
    ("dlr-4 dlr-13 dlr-15", STOP, "carrier_blocked", "c"),
    ("dlr-5", ONCE, "unexplained", "o"),
    ("dlr-6", ONCE, "carrier_blocked", "o"),
    ("dlr-8", NEXT, "carrier_congested", ""),
    ("dlr-9 dlr-53", STOP, "opted_out", "co"),
    ("dlr-10", ONCE, "template_broken", "o"),
    ("dlr-11", NEXT, "sender_rejected", "o"),
    ("dlr-12", STOP, "carrier_blocked", "c"),
    ("dlr-14 dlr-rejected", ONCE, "carrier_blocked", "c"),
    ("dlr-39", NEXT, "sender_rejected", "o"),
    ("dlr-50 dlr-51 dlr-52 dlr-54", NEXT, "sender_rejected", "o"),
    ("dlr-expired", STOP, "carrier_delay", ""),
]
ROWS = [
    Row(code, decision, Cause(f"sms.{cause}"), flags)
    for codes, decision, cause, flags in _TABLE
    for code in codes.split()
]
OF_STATUSES = [row for row in ROWS if row.code.isdecimal()]
OF_RECEIPTS = [row for row in ROWS if row.code.startswith("dlr-")]
