import pytest

from smsproviders.models import SmsProvider
from tests.smsproviders.backend_contract import BackendContract
from tests.twilio_server import TwilioServer


class TestTwilio(BackendContract):
    foreign_id = "SM" + "0" * 32

    @pytest.fixture
    def provider(self, twilio: TwilioServer, twilio_provider: SmsProvider) -> SmsProvider:
        return twilio_provider
