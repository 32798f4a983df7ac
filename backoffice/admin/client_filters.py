"""The filters of Clients > General."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.admin.distinct_values import distinct_values
from clients.models import Client, ClientStatus, Tag, TwoFactor, User
from twofa import locks

Lookups = list[tuple[str, Any]]
LOCKED = "locked"
TROUBLE_WITHIN = timedelta(hours=24)


class ChoiceFilter(admin.SimpleListFilter):
    """One of a fixed set; anything else in the address shows all."""

    field = ""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Client]) -> QuerySet[Client] | None:
        value = self.value()
        known = {str(key) for key, _words in self.lookup_choices}
        return queryset.filter(**{self.field: value}) if value in known else queryset


class TwoFactorFilter(ChoiceFilter):
    title = _("2FA")
    parameter_name = field = "two_factor"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return list(TwoFactor.choices)


class StatusFilter(ChoiceFilter):
    title = _("status")
    parameter_name = field = "status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [*ClientStatus.choices, (LOCKED, _("Locked after wrong codes"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Client]) -> QuerySet[Client] | None:
        if self.value() == LOCKED:
            return queryset.filter(user__in=locks.locked_now(at=timezone.now()).values("user"))
        return super().queryset(request, queryset)


class CountryFilter(ChoiceFilter):
    title = _("country")
    parameter_name = field = "country"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [(country, country) for country in distinct_values(Client, "country")]


class ManagerFilter(ChoiceFilter):
    title = _("manager")
    parameter_name = "manager"
    field = "manager_id"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        managers = User.objects.filter(pk__in=distinct_values(Client, "manager"))
        named = [(str(manager.pk), manager.get_full_name()) for manager in managers]
        return sorted(named, key=lambda choice: choice[1].casefold())


class TagFilter(ChoiceFilter):
    title = _("tag")
    parameter_name = "tag"
    field = "tags"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [(str(tag.pk), tag.name) for tag in Tag.objects.all()]


class TroubleFilter(admin.SimpleListFilter):
    title = _("trouble")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [("day", _("in the last 24 hours"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Client]) -> QuerySet[Client] | None:
        if self.value() == "day":
            return queryset.filter(last_trouble_at__gte=timezone.now() - TROUBLE_WITHIN)
        return queryset
