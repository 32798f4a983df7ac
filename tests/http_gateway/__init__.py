"""A strict SMS gateway of our own, over real sockets, for tests of the generic HTTP backend.

    def test_it_sends(gateway):
        gateway.behave(says(503, {"error": {"code": "busy"}}))
        send_a_code("+447700900123")
        assert gateway.messages == []

It has two ways in: `/messages`, a present-day API (JSON or form, bearer token, Basic or X-Api-Key),
and `/cgi-bin/sendsms`, which answers as a Kannel does. What only faulty code can send stands in
`violations`. A behaviour holds until `reset()`.
"""

from tests.http_gateway.behaviours import drip, hang, huge, redirect, says, slow
from tests.http_gateway.gateway import KANNEL_PASSWORD, KANNEL_USER, TOKEN, HttpGateway
from tests.http_gateway.reports import signed, with_token

__all__ = [
    "KANNEL_PASSWORD",
    "KANNEL_USER",
    "TOKEN",
    "HttpGateway",
    "drip",
    "hang",
    "huge",
    "redirect",
    "says",
    "signed",
    "slow",
    "with_token",
]
