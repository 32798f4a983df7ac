import pytest

from smsproviders.models import SmsProvider
from tests.smsproviders.backend_contract import BackendContract
from tests.vonage_server import VonageServer


class TestVonage(BackendContract):
    foreign_id = "0A000000FFFFFFFF"
    sender = "+447700900001"

    @pytest.fixture
    def provider(self, vonage: VonageServer, vonage_provider: SmsProvider) -> SmsProvider:
        return vonage_provider
