"""System > SMS templates: for every purpose and language, what is sent and whose text it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin.display import Tone, chip
from backoffice.admin.model_admin import BackOfficeAdmin
from backoffice.admin.sms_template_pages import BackToBuiltInPage, TextPage
from backoffice.admin.sms_template_view import (
    BUILT_IN,
    EDIT,
    LIST,
    changer_names,
    direction,
    language_words,
    size_chip,
    title_of,
)
from smsproviders import templating, text_kinds
from smsproviders.models import SmsTemplate
from smsproviders.policy_keys import SEGMENTS_MAX
from smsproviders.templating import OwnTexts, choose
from smsproviders.text_kinds import TextKind


@dataclass(frozen=True, slots=True)
class Row:
    """One purpose in one language: the text that is sent now."""

    language: str
    name: str | Promise
    local_name: str
    address: str
    text: str
    text_language: str
    direction: str
    origin: SafeString
    why_not_own: str
    size: SafeString
    changed_at: datetime | None
    changed_by: str


@admin.register(SmsTemplate)
class SmsTemplateAdmin(BackOfficeAdmin):
    def get_urls(self) -> list[URLPattern]:
        pages = {
            "": (TextPage, EDIT),
            "built-in/": (BackToBuiltInPage, BUILT_IN),
        }
        own = [
            path(
                f"<str:purpose>/<str:language>/{rest}",
                self.admin_site.admin_view(view.as_view()),
                name=name.removeprefix("admin:"),
            )
            for rest, (view, name) in pages.items()
        ]
        return [*own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Each text has a page of its own, whether there is a row for it or not."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(LIST)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        templating.forget()  # this page shows what is in force now
        own = templating.own_texts()
        names = changer_names({template.changed_by for template in own.values()})
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("SMS templates"),
            "cl": True,  # the trail ends with this list
            "groups": [(kind, rows(kind, own, names)) for kind in text_kinds.all_kinds()],
            "unusable": [_link(one.template) for one in templating.unusable()],
            "segments_max": SEGMENTS_MAX(),
            "may_change": self.has_change_permission(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/smsproviders/templates/list.html", context)


def rows(kind: TextKind, own: OwnTexts, names: dict[str, str]) -> list[Row]:
    """Those of the languages that people can have, and of texts in any other."""
    others = {language for purpose, language in own if purpose == kind.purpose}
    languages = dict.fromkeys([*text_kinds.languages(), *sorted(others)])
    return [_row(kind, language, own, names) for language in languages]


def _link(template: SmsTemplate) -> tuple[str, str]:
    place = template.purpose, template.language
    return title_of(text_kinds.get(template.purpose), template.language), reverse(EDIT, args=place)


def _row(kind: TextKind, language: str, own: OwnTexts, names: dict[str, str]) -> Row:
    template = own.get((kind.purpose, language))
    chosen = choose(kind, language, own)
    broken = [one for one in chosen.tried if one.problems and one.template == template]
    name, local_name = language_words(language)
    return Row(
        language=language,
        name=name,
        local_name=local_name,
        address=reverse(EDIT, args=[kind.purpose, language]),
        text=chosen.text,
        text_language=chosen.language,
        direction=direction(chosen.language),
        origin=_origin(language, chosen, is_broken=bool(broken)),
        why_not_own=" ".join(one.words for tried in broken for one in tried.problems),
        size=size_chip(kind, chosen.text, language),
        changed_at=template.changed_at if template else None,
        changed_by=names.get(template.changed_by, "") if template else "",
    )


def _origin(language: str, chosen: templating.Chosen, *, is_broken: bool) -> SafeString:
    if is_broken:
        return chip(_("Cannot be used"), Tone.BAD)
    if chosen.language != language:
        name = language_words(chosen.language)[0]
        return chip(_("As in %(language)s") % {"language": name}, Tone.WARN)
    return chip(_("Own text"), Tone.OK) if chosen.is_own else chip(_("Built-in"))
