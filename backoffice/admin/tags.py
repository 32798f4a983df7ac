"""Clients > Tags: the words that clients can be marked with."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.client_filters import TagFilter
from backoffice.admin.model_admin import BackOfficeAdmin
from clients.models import Tag


class TagForm(forms.ModelForm[Tag]):
    class Meta:
        model = Tag
        fields = ("name",)
        help_texts = {"name": gettext_lazy("A short word, such as “vip”. Not a name of a person.")}

    def clean_name(self) -> str:
        """Two tags that differ in capitals only would be taken for one."""
        name: str = self.cleaned_data["name"]
        if Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("There is such a tag already."))
        return name


@admin.register(Tag)
class TagAdmin(BackOfficeAdmin):
    may_delete = True
    form = TagForm
    list_display = ("name", "clients_with_it")
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    ordering = ("name",)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        consequence = {"consequence": _("Clients who have this tag lose it. Nothing else changes.")}
        return super().delete_view(request, object_id, {**consequence, **(extra_context or {})})

    def audit_facts(self, obj: Tag) -> dict[str, Any]:
        return {"name": obj.name}

    @admin.display(description=gettext_lazy("clients"))
    def clients_with_it(self, tag: Tag) -> SafeString:
        """A link, not a number: counting the clients of every tag would read them all."""
        address = reverse("admin:clients_client_changelist")
        query = urlencode({TagFilter.parameter_name: tag.pk})
        return format_html('<a href="{}?{}">{}</a>', address, query, _("Show clients"))
