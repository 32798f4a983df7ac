"""The account that the server plays: its credentials, its senders, and what is wrong with it."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .errors import Refusal
from .exchange import Request

# The numbers that test credentials know: https://www.twilio.com/docs/iam/test-credentials
TEST_SENDER = "+15005550006"
TEST_DESTINATIONS: Mapping[str, int] = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


class AccountStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class AccountType(StrEnum):
    TRIAL = "Trial"
    FULL = "Full"


@dataclass(frozen=True, slots=True)
class Account:
    """One Twilio account.

    `balance` is a decimal as text, or None for a sub-account, which has none of its own.
    `test_credentials` says that sid and token are the account's *test* pair: nothing is delivered
    and most resources answer 20008. A standard API key may do everything but read the account.
    """

    sid: str = "AC" + "5ad0" * 8
    auth_token: str = field(default="70c3" * 8, repr=False)
    api_key_sid: str = "SK" + "6be1" * 8
    api_key_secret: str = field(default="91d4" * 8, repr=False)
    friendly_name: str = "Back Office"
    status: AccountStatus = AccountStatus.ACTIVE
    type: AccountType = AccountType.FULL
    owner_sid: str | None = None
    balance: str | None = "12.3400"
    currency: str = "USD"
    numbers: tuple[str, ...] = ("+15005550006", "+442071838750")
    services: tuple[str, ...] = ("MG" + "8cf2" * 8,)
    sender_names: bool = True
    message_privacy: bool = False
    test_credentials: bool = False
    verified_numbers: tuple[str, ...] = ()
    # More sends than this within any one second are refused with 20429.
    sends_per_second: int | None = None

    @property
    def uri(self) -> str:
        return f"/2010-04-01/Accounts/{self.sid}"

    @property
    def is_subaccount(self) -> bool:
        return self.owner_sid is not None

    def authenticate(self, request: Request) -> None:
        """Refuse whoever is neither (account SID, token) nor (API key SID, secret)."""
        secrets = {self.sid: self.auth_token, self.api_key_sid: self.api_key_secret}
        expected = secrets.get(request.auth_user, "")
        given = request.password
        if not expected or not hmac.compare_digest(expected.encode(), given.encode()):
            raise Refusal(20003)

    def number_sid(self, number: str) -> str:
        """A stable PN sid, so that two look-ups of one number agree."""
        return "PN" + hashlib.sha256(number.encode()).hexdigest()[:32]
