"""Settings of a client: *Why no codes?*, and the two factors."""

from typing import Any

from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.admin import diagnosis_section, two_factor_section
from backoffice.admin.client_display import SETTINGS
from backoffice.admin.client_tabs import ClientTab
from clients.models import Client
from twofa.diagnosis import diagnosing, facts
from twofa.diagnosis import person as person_module
from twofa.diagnosis.person import Person
from twofa.factor_rows import FactorRows, rows_of


class SettingsTab(ClientTab):
    key = SETTINGS
    words = _("Settings")
    template = "admin/clients/client/settings.html"
    person: Person

    def find(self, pk: int) -> Client:
        person = person_module.of_client(pk)
        if person is None or person.client is None:
            raise Http404
        self.person = person
        return person.client

    def context(self) -> dict[str, Any]:
        devices, diagnosis = self._why_no_codes()
        return {
            **diagnosis,
            **two_factor_section.context(self.person, devices, self.operator),
        }

    def _why_no_codes(self) -> tuple[FactorRows, dict[str, Any]]:
        """The rows that both sections show; the diagnosis only for who may see it."""
        if not self.operator.has_perm(diagnosis_section.PERMISSION):
            return rows_of(self.person.user), {}
        found = facts.gather(self.person)
        language = get_language() or "en"
        section = diagnosis_section.context(
            diagnosing.judge(found), self.client, self.operator, language=language
        )
        return found.devices, section
