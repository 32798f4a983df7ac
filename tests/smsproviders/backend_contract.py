"""What every backend must do, whatever its provider: inherited by one test class per backend."""

from collections.abc import Iterable

import pytest
from django.test import RequestFactory
from django.utils import timezone

from backoffice.admin.provider_form import CommonForm
from smsproviders import accounts
from smsproviders.backends import BACKENDS, backend_class
from smsproviders.contract import Deadline, ReportRefused, SmsBackend
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, CheckKind, CheckResult, Decision, Verdict
from tests.smsproviders.outgoing import PHONE, TEXT, an_sms


class BackendContract:
    """A subclass gives `provider`, a fixture: one whose provider is well and takes messages.

    `foreign_id` has the form of the provider's ids, and is none of a message of ours. `sender` is
    the provider's own, where the backend cannot do without.
    """

    foreign_id = "no-such-id"
    sender = ""

    @pytest.fixture
    def provider(self) -> SmsProvider:
        raise NotImplementedError

    @pytest.fixture
    def backend(self, provider: SmsProvider) -> SmsBackend:
        return accounts.backend_for(provider)

    def test_it_is_in_the_registry_under_its_own_key(self, backend: SmsBackend) -> None:
        assert backend.key in BACKENDS
        assert backend_class(backend.key) is type(backend)
        assert str(backend.name)

    def test_its_secrets_are_fields_of_its_form(self, backend: SmsBackend) -> None:
        assert backend.secrets <= backend.settings_form.base_fields.keys()

    def test_no_setting_has_the_name_of_one_that_all_providers_have(
        self, backend: SmsBackend
    ) -> None:
        """They stand on one page, in one form."""
        assert not backend.settings_form.base_fields.keys() & CommonForm.base_fields.keys()

    def test_each_setting_says_what_it_is(self, backend: SmsBackend) -> None:
        for field in backend.settings_form.base_fields.values():
            assert field.label
            assert field.help_text

    def test_each_error_has_a_cause_and_words_for_the_operator(self, backend: SmsBackend) -> None:
        for code, verdict in backend.error_table.items():
            assert 0 < len(code) <= 20
            assert isinstance(verdict.cause, Cause)
            assert len(str(verdict.words)) > 10
            assert str(backend.words_for(code)) == str(verdict.words)
            assert verdict.decision is not Decision.DONE
            page = backend.page_of(code)
            assert not page or page.startswith("https://")

    def test_no_error_of_a_recipient_counts_against_the_provider(self, backend: SmsBackend) -> None:
        of_recipients = {
            Cause.NUMBER_INVALID,
            Cause.NUMBER_UNKNOWN,
            Cause.LANDLINE,
            Cause.HANDSET_UNREACHABLE,
            Cause.OPTED_OUT,
            Cause.CARRIER_BLOCKED,
        }
        assert not [one for one in _causing(backend, of_recipients) if one.counts_for_breaker]

    def test_no_refusal_for_fraud_opt_out_or_country_goes_to_another_provider(
        self, backend: SmsBackend
    ) -> None:
        final = {Cause.FRAUD_HOLD, Cause.OPTED_OUT, Cause.COUNTRY_CLOSED}
        assert all(one.decision is Decision.STOP for one in _causing(backend, final))

    def test_it_sends_and_gives_the_providers_id(self, backend: SmsBackend) -> None:
        result = backend.send(an_sms(sender=self.sender), deadline=Deadline.after(5))

        assert result.verdict.decision is Decision.DONE
        assert 0 < len(result.provider_message_id) <= 80
        assert result.error_code == ""

    def test_the_kept_answer_holds_neither_text_nor_number(self, backend: SmsBackend) -> None:
        kept = str(backend.send(an_sms(sender=self.sender), deadline=Deadline.after(5)).answer)

        assert TEXT not in kept
        assert "482913" not in kept
        assert PHONE not in kept

    def test_it_knows_nothing_of_another_providers_message(self, backend: SmsBackend) -> None:
        deadline = Deadline.after(5)

        assert backend.lookup(self.foreign_id, deadline=deadline) is None
        assert backend.find(PHONE, since=timezone.now(), body="x", deadline=deadline) is None
        backend.confirm(self.foreign_id, deadline=deadline)

    def test_one_that_is_never_asked_has_no_answer(self, backend: SmsBackend) -> None:
        assert (backend.ask_after is None) <= (type(backend).lookup is SmsBackend.lookup)

    def test_a_look_up_of_its_own_message_names_it(self, backend: SmsBackend) -> None:
        sent = backend.send(an_sms(sender=self.sender), deadline=Deadline.after(5))
        report = backend.lookup(sent.provider_message_id, deadline=Deadline.after(5))

        assert report is None or report.provider_message_id == sent.provider_message_id

    def test_a_healthy_account_passes_its_checks(self, backend: SmsBackend) -> None:
        checks = [ask() for ask in backend.checks()]

        assert checks[0].kind is CheckKind.CREDENTIALS
        assert checks[0].result is CheckResult.OK
        assert not [one for one in checks if one.result is CheckResult.PROBLEM or one.cause]

    @pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain"])
    def test_s62_it_refuses_a_report_without_a_proof(
        self, backend: SmsBackend, rf: RequestFactory, content_type: str
    ) -> None:
        with pytest.raises(ReportRefused):
            backend.authenticate_report(rf.post("/", b"a=b", content_type=content_type))

    def test_it_can_be_closed_twice(self, backend: SmsBackend) -> None:
        backend.close()
        backend.close()


def _causing(backend: SmsBackend, causes: Iterable[Cause]) -> list[Verdict]:
    return [verdict for verdict in backend.error_table.values() if verdict.cause in set(causes)]
