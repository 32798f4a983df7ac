"""A day of business in numbers, as the beat jobs leave them behind: what the first page shows."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from smsproviders.models import ClockReading, Heartbeat, Incident, ProviderTally, SmsProvider
from smsproviders.models.incident import IncidentKind, IncidentOwner
from smsproviders.tallying import spans
from smsproviders.vocabulary import CheckResult
from tests.backoffice import books
from twofa.models import CodeTally, VerdictTally

DAY = timedelta(days=1)
CAUSES = {
    "sms.handset_unreachable": 4,
    "sms.provider_down": 2,
    "sms.number_unknown": 1,
    "sms.carrier_blocked": 1,
}


def codes() -> None:
    """Some hundred codes in each ten minutes, fewer by night."""
    now = timezone.now()
    CodeTally.objects.bulk_create(
        _codes_of(number, began_at) for number, began_at in enumerate(spans(now - DAY, now))
    )


def _codes_of(number: int, began_at: datetime) -> CodeTally:
    asked = 20 + 60 * (number % 72) // 72 + number % 7
    return CodeTally(
        began_at=began_at,
        asked=asked,
        taken=asked - 1,
        delivered=asked * 94 // 100,
        typed=asked * 86 // 100,
        until_taken={"14": asked},
        until_delivered={"24": asked - 5, "30": 5},
        until_typed={"34": asked - 9},
        refused={"cooldown": number % 3, "cap_number": number % 11 == 0},
        causes={cause: much for cause, much in CAUSES.items() if number % (5 - much) == 0},
        tries={
            "sms:accepted": asked * 86 // 100,
            "sms:incorrect": number % 5,
            "sms:expired": number % 2,
            "authenticator:accepted": asked * 2,
            "authenticator:incorrect": number % 6,
            "authenticator:reused": number % 2,
            "recovery:accepted": number % 40 == 0,
        },
    )


def providers() -> list[SmsProvider]:
    """One that is well, one without credit."""
    now = timezone.now()
    made = [
        SmsProvider.objects.create(
            name=name,
            caption=caption,
            backend="sandbox",
            enabled=True,
            priority=priority,
            credentials_result=CheckResult.OK,
            credentials_checked_at=now,
            balance=Decimal(balance),
            low_balance=Decimal("50"),
            currency="USD",
            balance_checked_at=now,
        )
        for priority, (name, caption, balance) in enumerate(
            (("first", "Twilio", "1234.50"), ("second", "Vonage, as a reserve", "3.20"))
        )
    ]
    ProviderTally.objects.bulk_create(
        ProviderTally(
            provider=provider,
            began_at=began_at,
            calls=20 + number % 37,
            successes=(20 + number % 37) * share // 100,
            codes=18,
            typed=18 * share // 100,
        )
        for provider, share in zip(made, (97, 81), strict=True)
        for number, began_at in enumerate(spans(now - DAY, now))
    )
    return made


def machinery() -> None:
    """All well."""
    now = timezone.now()
    for part in Heartbeat.Part:
        Heartbeat.objects.update_or_create(part=part, defaults={"at": now})
    for source in ClockReading.Source:
        ClockReading.objects.update_or_create(pk=source, defaults={"offset_ms": 240, "at": now})


def incident(provider: SmsProvider) -> Incident:
    now = timezone.now()
    return Incident.objects.create(
        kind=IncidentKind.FAILURES,
        provider=provider,
        provider_caption=provider.caption,
        country="ID",
        prefix="+62812",
        cause="sms.carrier_blocked",
        owner=IncidentOwner.CARRIER,
        began_at=now - timedelta(minutes=21),
        last_bad_at=now,
        sends=60,
        failed=41,
        numbers=38,
        hit=29,
        is_felt=True,
    )


def verdicts() -> None:
    for number, (verdict, shown) in enumerate(
        (
            ("twofa.locked", 58),
            ("totp.clock_skew", 33),
            ("sms.delivered_not_typed", 21),
            ("sms.handset_unreachable", 12),
            ("totp.wrong_seed", 9),
            ("ok", 7),
        )
    ):
        VerdictTally.objects.create(
            day=timezone.now().date(),
            verdict=verdict,
            shown=shown,
            held=shown * (90 - 9 * number) // 100,
            contact=shown * number // 20,
            reset=number == 4,
            recoveries={"14": shown // 2, "16": shown // 4},
        )


def clients() -> None:
    """Some who failed and are not back, one who is locked, one who is back."""
    now = timezone.now()
    for number in range(6):
        books.client(
            f"out-{number}@example.com",
            name=f"Not Back {number}",
            last_trouble_at=now - timedelta(minutes=30 + 90 * number),
            two_factor="sms",
        )
    books.locked(books.client("locked@example.com", name="Locked"))
    books.client("back@example.com", last_trouble_at=now - timedelta(hours=1), last_login=now)


def all_of_it() -> None:
    codes()
    machinery()
    _first, second = providers()
    incident(second)
    verdicts()
    clients()
