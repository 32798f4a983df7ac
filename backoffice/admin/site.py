"""The Back Office: Django's admin for operators who passed their second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django_otp.admin import OTPAdminSite

from backoffice.admin import denials, navigation
from twofa import people


class BackOfficeSite(OTPAdminSite):  # type: ignore[misc]  # untyped base
    """Signing in and out, one's own password and factors live at the one door, not here."""

    site_title = settings.BRAND_NAME
    site_header = settings.BRAND_NAME
    index_title = _("Overview")
    site_url = None
    empty_value_display = "–"  # noqa: RUF001  (a dash is what an empty cell shows)

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # Deleting many at once would be a way round every act with rules of its own.
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        """A browser that a client trusted opens nothing to who became an operator since."""
        return bool(super().has_permission(request)) and people.code_device(request) is not None

    def admin_view(
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[..., HttpResponse]:
        told = self._in_words(denials.logged(view))
        inner: Callable[..., HttpResponse] = super().admin_view(told, cacheable)
        return inner

    def _in_words(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """What an operator may not do is answered by a page of the Back Office, with its menu."""

        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except PermissionDenied:
                roles = people.signed_in(request).groups.order_by("name")
                context = {
                    **self.each_context(request),
                    "title": _("You may not open this page"),
                    "roles": list(roles.values_list("name", flat=True)),
                }
                return TemplateResponse(request, "admin/403.html", context, status=403)

        return inner

    @method_decorator([never_cache, login_not_required])
    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """To the one door; who is signed in already is told why that is not enough."""
        target = self._target(request)
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if not request.user.is_authenticated:
            return redirect_to_login(target, settings.LOGIN_URL)
        if not request.user.is_staff:
            denials.record(request)
            raise PermissionDenied
        # Password only: an operator enrols a second factor, and sees nothing before.
        return redirect(settings.LOGIN_REDIRECT_URL)

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # 307 keeps the method: only a POST signs out.
        return HttpResponseRedirect(reverse("twofa:sign-out"), status=307)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect(settings.LOGIN_REDIRECT_URL)

    password_change_done = password_change

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Here, since the pages it links to register themselves on the site that this module makes.
        from backoffice.admin.dashboard import page

        found = page.context(request)
        response: HttpResponse = super().index(request, {**found, **(extra_context or {})})
        return response

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Apps are the code's matter; people go by the navigation's groups."""
        return redirect(reverse("admin:index", current_app=self.name))

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        return navigation.groups(self._build_app_dict(request), request)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().each_context(request)
        context["here"] = navigation.here(context["available_apps"], request.path)
        return context

    def get_log_entries(self, request: HttpRequest) -> list[Any]:
        return []  # what operators did stands in our own log, not in Django's

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        """PostgreSQL cannot search for a NUL, and Django looks at none of these values."""
        if any("\0" in value for value in request.GET.values()):
            raise BadRequest("a NUL")
        found: HttpResponse = super().autocomplete_view(request)
        return found

    def _target(self, request: HttpRequest) -> str:
        target = request.GET.get("next", "")
        safe = url_has_allowed_host_and_scheme(
            target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )
        return target if safe and target.startswith("/") else reverse("admin:index")
