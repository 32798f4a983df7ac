"""System > Settings: one page with every registered setting. The rules stand in their apps."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from backoffice.admin.model_admin import BackOfficeAdmin, operator_of
from backoffice.policy import registry, stored
from backoffice.policy.changes import change
from backoffice.policy.kinds import IntegersField, WordsField
from backoffice.policy.models import SystemSetting
from backoffice.policy.registry import Setting
from twofa.vocabulary import FactorKind

LIST = "admin:policy_systemsetting_changelist"
LISTS = (WordsField, IntegersField)
FEW_WORDS = 8
# Words of a setting that is ticked; the stored value is the short one.
CHOICE_WORDS = dict(FactorKind.choices)


@admin.register(SystemSetting)
class SystemSettingAdmin(BackOfficeAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        may_change = self.has_change_permission(request)
        stored.forget()  # this page shows what is in force now
        form = SettingsForm(may_change=may_change)
        if request.method == "POST":
            if not may_change:
                raise PermissionDenied
            if "reset" in request.POST:
                return self._reset(request, request.POST["reset"])
            form = SettingsForm(request.POST)
            if form.is_valid() and form.save(request):
                return redirect(LIST)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Settings"),
            "cl": True,  # the trail ends with this list
            "form": form,
            "groups": form.groups(),
            "may_change": may_change,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/policy/settings.html", context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """All of them stand on the one page."""
        return redirect(LIST)

    def _reset(self, request: HttpRequest, key: str) -> HttpResponse:
        try:
            setting = registry.get(key)
        except registry.UnknownSetting:
            raise PermissionDenied from None
        if change({key: setting.to_text(setting.default)}, actor=operator_of(request)):
            value = _shown(setting, setting.default)
            words = {"label": setting.label, "value": value}
            messages.success(request, _("%(label)s is back at its default: %(value)s.") % words)
        return redirect(LIST)


class SettingsForm(forms.Form):
    """The texts of all settings; `backoffice.policy.changes` says which are valid.

    Each field also carries the value that was shown, so that only what this operator edited is
    changed, and not what a colleague saved meanwhile.
    """

    def __init__(self, data: Any = None, *, may_change: bool = True) -> None:
        super().__init__(data, label_suffix="")
        for setting in registry.all_settings():
            self.fields[setting.key] = forms.CharField(
                label=setting.label,
                help_text=setting.help,
                required=False,
                disabled=not may_change,
                initial=_text(setting, setting()),
                show_hidden_initial=may_change,
                widget=_widget(setting),
            )

    def save(self, request: HttpRequest) -> bool:
        """Change what was edited, all or nothing, and tell; False when a value is not valid."""
        before = {setting.key: _shown(setting, setting()) for setting in registry.all_settings()}
        texts = {key: self.cleaned_data[key] for key in self.changed_data}
        try:
            changed = change(texts, actor=operator_of(request))
        except ValidationError as error:
            for key, reasons in error.error_dict.items():
                self.add_error(key, reasons)
            return False
        for key in changed:
            setting = registry.get(key)
            new = _shown(setting, setting())
            messages.success(request, f"{setting.label}: {before[key]} → {new}")
        if not changed:
            messages.info(request, _("Nothing was changed."))
        return True

    def groups(self) -> list[tuple[str, list[dict[str, Any]]]]:
        """In the order of declaration, the members of a group together."""
        settings = registry.all_settings()
        order = list(dict.fromkeys(str(setting.group) for setting in settings))
        settings.sort(key=lambda setting: order.index(str(setting.group)))
        grouped = groupby(settings, key=lambda setting: str(setting.group))
        return [(group, [self._row(setting) for setting in members]) for group, members in grouped]

    def _row(self, setting: Setting[Any]) -> dict[str, Any]:
        return {
            "field": self[setting.key],
            "key": setting.key,
            "default": _shown(setting, setting.default),
            "changed": setting() != setting.default,
            "is_choice": isinstance(self.fields[setting.key].widget, CommaChoices),
        }


class CommaChoices(forms.CheckboxSelectMultiple):
    """A comma list of few words as ticks."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        ticked = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])
        return ", ".join(ticked)

    def format_value(self, value: Any) -> list[str]:
        return [word.strip() for word in value.split(",")] if value else []


def _widget(setting: Setting[Any]) -> forms.Widget:
    field = setting.form_field()
    if _is_ticked(setting) and isinstance(field, WordsField):
        words = sorted(field.by_folded.values())
        return CommaChoices(choices=[(word, CHOICE_WORDS.get(word, word)) for word in words])
    return forms.Textarea(attrs={"rows": 3}) if isinstance(field, WordsField) else field.widget


def _text(setting: Setting[Any], value: Any) -> str:
    """As the field shows it: lists with a space behind each comma, so that they wrap."""
    text = setting.to_text(value)
    return text.replace(",", ", ") if isinstance(setting.form_field(), LISTS) else text


def _shown(setting: Setting[Any], value: Any) -> str:
    """In the words of the page: those of the ticks, or the text of the field."""
    text = _text(setting, value)
    if not text:
        return _("none")
    if not _is_ticked(setting):
        return text
    return ", ".join(str(CHOICE_WORDS.get(word, word)) for word in text.split(", "))


def _is_ticked(setting: Setting[Any]) -> bool:
    field = setting.form_field()
    return isinstance(field, WordsField) and len(field.by_folded) <= FEW_WORDS
