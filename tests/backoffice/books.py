"""Clients on the operator's books, and the operator's own code."""

from datetime import timedelta
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, User
from tests.backoffice.operators import operator, sign_in
from tests.twofa.people import app_code, authenticator, sms
from twofa.models import Authenticator, VerificationState

LIST = "/admin/clients/client/"


def client(email: str = "ann@example.com", *, name: str = "Ann Lee", **fields: Any) -> Client:
    last_login = fields.pop("last_login", None)
    user = User.objects.create(email=email, last_login=last_login)
    return Client.objects.create(user=user, name=name, **fields)


def with_both_factors(client: Client) -> Client:
    authenticator(client.user)
    sms(client.user)
    return client


def locked(client: Client) -> Client:
    at = timezone.now()
    VerificationState.objects.update_or_create(
        user=client.user,
        defaults={"failures": 5, "last_failure_at": at, "locked_until": at + timedelta(minutes=15)},
    )
    return client


def page_of(client: Client, act: str = "change/") -> str:
    return f"{LIST}{client.pk}/{act}"


def desk(browser: Browser, *groups: str, email: str = "desk@example.com") -> User:
    """An operator of these groups, signed in with an authenticator."""
    user = operator(email, groups=groups)
    sign_in(browser, user)
    return user


def own_code(user: User, *, steps: int = 0) -> str:
    return app_code(Authenticator.objects.get(user=user, confirmed=True), steps=steps)
