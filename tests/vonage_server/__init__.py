"""A Vonage of our own, over real sockets: its SMS API, balance, conversions and signed receipts.

Written from Vonage's own pages, and apart from the code that it tests:

- https://developer.vonage.com/en/api/sms
- https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts
- https://developer.vonage.com/en/getting-started/concepts/signing-messages
- https://developer.vonage.com/en/api/account and https://developer.vonage.com/en/api/conversion

It is strict: a request that Vonage's pages do not allow is a violation, which fails the test. The
sockets, and how they misbehave, are those of `tests.twilio_server`.
"""

from tests.vonage_server.account import Account
from tests.vonage_server.modes import Mode, answering, on_the_wire, refusing
from tests.vonage_server.receipts import receipt, signed
from tests.vonage_server.sending import Message
from tests.vonage_server.server import VonageServer

__all__ = [
    "Account",
    "Message",
    "Mode",
    "VonageServer",
    "answering",
    "on_the_wire",
    "receipt",
    "refusing",
    "signed",
]
