"""How many wrong passwords are taken, of whom and from where. Counted by django-axes, judged here.

- One account from one address: AXES_FAILURE_LIMIT.
- One address over all accounts: from then on it takes passwords only of accounts that signed in in
  that very browser before. Of IPv6 a whole /64 is one address.
- One account over all addresses: from then on each address gets a few tries only, unless it is a
  browser of that account. Nobody who knows the password is ever kept out by what strangers type.

An e-mail that nobody has is counted and answered like any other.
"""

from dataclasses import dataclass
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Q, Sum
from django.http import HttpRequest

from backoffice.audit import log
from backoffice.audit.models import Outcome
from clients.models import User
from twofa import known_browsers, log_actions
from twofa.policy_keys import PASSWORDS_OF_ACCOUNT, PASSWORDS_OF_ADDRESS

STRANGERS_TRIES = 3  # of a guessed-at account, from each address


@dataclass(frozen=True, slots=True)
class Tally:
    """Wrong passwords within the pause, those that a sign-in forgave not among them."""

    both: int  # of this account from this address
    account: int
    address: int


class Handler(AxesDatabaseHandler):  # type: ignore[misc]
    """AXES_HANDLER."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        """As many as AXES_FAILURE_LIMIT, or more, when no password is taken."""
        email = get_client_username(request, credentials)
        tally = _tally(request, email)
        limit: int = settings.AXES_FAILURE_LIMIT
        return tally.both if tally.both < _allowed(request, email, tally) else limit

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        was_paused = request is not None and request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None and request.axes_locked_out and not was_paused:
            _note_pause(request, get_client_username(request, credentials))


def _allowed(request: HttpRequest, email: str, tally: Tally) -> int:
    limit: int = settings.AXES_FAILURE_LIMIT
    of_address = tally.address >= PASSWORDS_OF_ADDRESS()
    of_account = tally.account >= PASSWORDS_OF_ACCOUNT()
    if not (of_address or of_account) or known_browsers.is_known(request, email):
        return limit
    return 0 if of_address else min(limit, STRANGERS_TRIES)


def _tally(request: Any, email: str) -> Tally:
    account = Q(username=email)
    # A proxy on a unix socket that names no address: all would be one.
    address = Q(ip_address=request.axes_ip_address) if request.axes_ip_address else Q(pk=None)
    rows = AccessAttempt.objects.filter(attempt_time__gte=get_cool_off_threshold(request))
    found = rows.filter(account | address).aggregate(
        both=Sum("failures_since_start", filter=_both(request, email), default=0),
        account=Sum("failures_since_start", filter=account, default=0),
        address=Sum("failures_since_start", filter=address, default=0),
    )
    return Tally(**found)


def _both(request: Any, email: str) -> Q:
    return Q(username=email, ip_address=request.axes_ip_address or None)


def _note_pause(request: Any, email: str) -> None:
    tally = _tally(request, email)
    user = User.objects.filter(email=email).first()
    log.record(
        log_actions.PASSWORDS_PAUSED,
        actor=log.ANYONE,
        subject=log_actions.subject(user) if user else "",
        outcome=Outcome.REFUSED,
        facts={"both": tally.both, "account": tally.account, "address": tally.address},
    )
