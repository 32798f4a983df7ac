"""System > Groups: which acts a group of operators may do."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.admin.model_admin import BackOfficeAdmin
from backoffice.admin.operators import grantable_groups, grantable_permissions
from twofa.people import signed_in


class PermissionsField(forms.ModelMultipleChoiceField[Permission]):
    def label_from_instance(self, obj: Permission) -> str:
        return _(obj.name)


@admin.register(Group)
class GroupAdmin(BackOfficeAdmin):
    may_delete = True
    list_display = ("name", "members", "acts")
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    ordering = ("name",)
    fields = ("name", "permissions")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        groups: QuerySet[Group] = super().get_queryset(request)
        return groups.annotate(
            count_members=Count("user", distinct=True),
            count_acts=Count("permissions", distinct=True),
        )

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "permissions":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        may_give = [one.pk for one in grantable_permissions(signed_in(request))]
        return PermissionsField(
            queryset=Permission.objects.filter(pk__in=may_give).select_related("content_type"),
            required=False,
            label=gettext_lazy("Acts"),
            widget=forms.CheckboxSelectMultiple(attrs={"class": "checks columns"}),
            help_text=gettext_lazy("You can give what you may do yourself."),
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Permissions that were not offered stay as they are."""
        offered = form.fields["permissions"].queryset
        not_offered = list(form.instance.permissions.exclude(pk__in=offered.values("pk")))
        super().save_related(request, form, formsets, change)
        form.instance.permissions.add(*not_offered)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        group = self.get_object(request, object_id)
        number = group.user_set.count() if group else 0
        words = ngettext(
            "%(number)d operator loses the acts of this group.",
            "%(number)d operators lose the acts of this group.",
            number,
        )
        consequence = {"consequence": words % {"number": number}}
        return super().delete_view(request, object_id, {**consequence, **(extra_context or {})})

    def audit_facts(self, obj: Group) -> dict[str, Any]:
        return {"permissions": sorted(obj.permissions.values_list("codename", flat=True))}

    @admin.display(description=gettext_lazy("members"))
    def members(self, group: Any) -> int:
        return int(group.count_members)

    @admin.display(description=gettext_lazy("acts"))
    def acts(self, group: Any) -> int:
        return int(group.count_acts)


def _may_touch(request: HttpRequest, group: Group | None) -> bool:
    """A group that holds more than the operator may himself is not his to change."""
    return group is None or group in grantable_groups(signed_in(request))
