"""Settings of a client: *Why no codes?*, and the two factors."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.admin import diagnosis_section, two_factor_section
from backoffice.admin.client_display import SETTINGS
from backoffice.admin.client_tabs import ClientTab


class SettingsTab(ClientTab):
    key = SETTINGS
    words = _("Settings")
    template = "admin/clients/client/settings.html"

    def context(self) -> dict[str, Any]:
        language = get_language() or "en"
        return {
            **two_factor_section.context(self.client, self.operator),
            **diagnosis_section.context(self.client, self.operator, language=language),
        }
