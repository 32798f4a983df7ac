"""Operators at work, and providers that send through a Twilio of our own."""

import pytest
from django.test import Client

from tests.backoffice.operators import operator, sign_in
from tests.backoffice.windows import open_as  # noqa: F401

# Fixtures of sending, for these tests too.
from tests.smsproviders.conftest import (  # noqa: F401
    _no_backend_outlives_its_test,
    gateway,
    gateway_process,
    http_provider,
    http_settings,
    make_http_provider,
    make_twilio_provider,
    twilio,
    twilio_credentials,
    twilio_process,
    twilio_provider,
)


@pytest.fixture
def integrator(db: None) -> Client:
    return sign_in(Client(), operator("i@example.com", groups=["Integrator"]))


@pytest.fixture
def auditor(db: None) -> Client:
    return sign_in(Client(), operator("a@example.com", groups=["Auditor"]))
