import pytest

from smsproviders.models import SmsProvider
from tests.smsproviders.backend_contract import BackendContract


class TestHttp(BackendContract):
    @pytest.fixture
    def provider(self, http_provider: SmsProvider) -> SmsProvider:
        return http_provider
