from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from twofa.views.holds import client_hold


@require_safe
@cache_control(max_age=86_400)
def mark(request: HttpRequest) -> HttpResponseRedirect:
    """Asked for by browsers beside an answer that names no mark of its own, as a health check's."""
    return HttpResponseRedirect(static("backoffice/mark.svg"))


handler400 = "backoffice.error_pages.bad_request"
handler500 = "backoffice.error_pages.server_error"

urlpatterns = [
    path("favicon.ico", mark, name="favicon"),
    path("", include("backoffice.health")),
    path("", include("backoffice.metrics.page")),
    path("", include("twofa.urls")),
    path("holds/<int:client_id>/", client_hold, name="holds"),
    path("", include("smsproviders.urls")),
    path("admin/", admin.site.urls),
]
