"""Settings of a client: *Why no codes?*, and the two factors."""

from typing import Any

from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.admin import diagnosis_section, two_factor_section
from backoffice.admin.client_display import SETTINGS
from backoffice.admin.client_tabs import ClientTab
from clients.models import Client
from twofa.diagnosis import diagnosing, facts, moments
from twofa.diagnosis import person as person_module
from twofa.diagnosis.moments import Moment
from twofa.diagnosis.person import Person
from twofa.factor_rows import FactorRows, rows_of


class SettingsTab(ClientTab):
    key = SETTINGS
    words = _("Settings")
    template = "admin/clients/client/settings.html"
    person: Person
    moment: Moment | None = None  # what the address asks for, when it is of this client

    def find(self, pk: int) -> Client:
        asked = moments.of(self.request.GET.get("at", ""))
        person = _person(pk, asked)
        if asked and asked.user_id == person.user.pk:
            self.moment = asked
        elif asked:
            person = _person(pk, None)
        self.person = person
        return person.user.client

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
        moment = self.moment
        found = facts.gather(self.person, at=moment.at if moment else None)
        section = diagnosis_section.context(
            diagnosing.judge(found),
            self.client,
            self.operator,
            language=get_language() or "en",
            reference=moment.reference if moment else "",
        )
        strange = self.request.GET.get("at", "") if moment is None else ""
        return found.devices, {**section, "strange_reference": strange}


def _person(pk: int, moment: Moment | None) -> Person:
    person = person_module.of_client(pk, at=moment.at if moment else None)
    if person is None:
        raise Http404
    return person
