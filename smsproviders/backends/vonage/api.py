"""The three questions that Vonage is asked, over plain HTTP: its SDK repeats a POST by itself."""

from collections.abc import Mapping
from datetime import datetime

from smsproviders.backends.bounded_http import Answer, BoundedHttp
from smsproviders.backends.vonage import address
from smsproviders.contract import Deadline


class Api:
    """One account, shared by threads. Every call raises NotSent, NoAnswer or AddressRefused.

    The secret travels in a body or in a header, never in an address: those are logged on the way.
    """

    def __init__(self, api_key: str, api_secret: str) -> None:
        self._key, self._secret = api_key, api_secret
        self._http = BoundedHttp()

    def send(self, parameters: Mapping[str, str], *, deadline: Deadline) -> Answer:
        """https://developer.vonage.com/en/api/sms"""
        form = {"api_key": self._key, "api_secret": self._secret, **parameters}
        return self._ask("POST", address.SMS, deadline=deadline, data=form)

    def balance(self, *, deadline: Deadline) -> Answer:
        """https://developer.vonage.com/en/api/account"""
        return self._ask("GET", address.BALANCE, deadline=deadline, auth=(self._key, self._secret))

    def confirm(self, message_id: str, *, at: datetime, deadline: Deadline) -> Answer:
        """`at` is in UTC. https://developer.vonage.com/en/api/conversion"""
        told = {
            "message-id": message_id,
            "delivered": "true",
            "timestamp": f"{at:%Y-%m-%d %H:%M:%S}",
        }
        auth = (self._key, self._secret)
        return self._ask("POST", address.CONVERSION, deadline=deadline, params=told, auth=auth)

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, url: str, *, deadline: Deadline, **parts: object) -> Answer:
        return self._http.request(method, address.VONAGE.rewritten(url), deadline=deadline, **parts)
