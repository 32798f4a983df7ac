"""System > Users: operators. Nobody sets another's password or second factor here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from backoffice.admin.display import NOTHING, Tone, ago, chip
from backoffice.admin.model_admin import BackOfficeAdmin
from backoffice.admin.operators import grantable_groups, may_edit
from clients import sessions
from clients.models import User
from twofa.models import Authenticator, SmsConfirmation
from twofa.people import signed_in


@admin.register(User)
class UserAdmin(BackOfficeAdmin):
    list_display = ("email", "name", "group_names", "second_factor", "active", "last_sign_in")
    list_filter = ("groups", "is_active")
    search_fields = ("email", "name")
    search_help_text = _("E-mail or name")
    ordering = ("email",)
    sortable_by = ("email", "name")
    readonly_fields = (
        "email",
        "last_sign_in",
        "second_factor",
        "created",
        "active",
        "group_names",
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # `add_operator`: an operator chooses his own password, through the host

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or may_edit(signed_in(request), obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        own = {"user": OuterRef("pk"), "confirmed": True}
        users: QuerySet[User] = super().get_queryset(request).filter(is_staff=True)
        return users.prefetch_related("groups").annotate(
            has_authenticator=Exists(Authenticator.objects.filter(**own)),
            has_sms=Exists(SmsConfirmation.objects.filter(**own)),
        )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """One's own rights are another's to change: shown only."""
        is_own = obj is not None and obj.pk == request.user.pk
        rights = ["active", "group_names"] if is_own else ["is_active", "groups"]
        if signed_in(request).is_superuser and not is_own:
            rights.insert(1, "is_superuser")
        return [
            (None, {"fields": ("email", "name", "second_factor", "last_sign_in", "created")}),
            (_("Rights"), {"fields": rights}),
        ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "groups":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        may_give = [group.pk for group in grantable_groups(signed_in(request))]
        return db_field.formfield(
            queryset=Group.objects.filter(pk__in=may_give).order_by("name"),
            widget=forms.CheckboxSelectMultiple(attrs={"class": "checks"}),
            help_text=_("Groups that hold more than you may yourself are not offered."),
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            sessions.end_all(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Groups that were not offered stay as they are."""
        not_offered: list[Group] = []
        if "groups" in form.fields:
            offered = form.fields["groups"].queryset
            not_offered = list(form.instance.groups.exclude(pk__in=offered.values("pk")))
        super().save_related(request, form, formsets, change)
        form.instance.groups.add(*not_offered)

    def audit_facts(self, obj: User) -> dict[str, Any]:
        return {
            "groups": sorted(obj.groups.values_list("name", flat=True)),
            "active": obj.is_active,
            "superuser": obj.is_superuser,
        }

    @admin.display(description=_("groups"))
    def group_names(self, user: User) -> str:
        names = ", ".join(group.name for group in user.groups.all())
        return names or (str(_("superuser")) if user.is_superuser else NOTHING)

    @admin.display(description=_("second factor"))
    def second_factor(self, user: Any) -> SafeString:
        if user.has_authenticator or user.has_sms:
            return chip(_("Enabled"), Tone.OK)
        return chip(_("Not enrolled"), Tone.WARN)

    @admin.display(description=_("state"))
    def active(self, user: User) -> SafeString:
        return chip(_("Active"), Tone.OK) if user.is_active else chip(_("Inactive"), Tone.CALM)

    @admin.display(description=_("last sign-in"))
    def last_sign_in(self, user: User) -> SafeString | str:
        return ago(user.last_login)

    @admin.display(description=_("created"))
    def created(self, user: User) -> SafeString | str:
        return ago(user.date_joined)
