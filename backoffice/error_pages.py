"""The pages of faults that come when nothing can be relied on: the database may be what failed.

Django renders them bare. Here they have the name, the colour and the language of the service, and
ask neither session nor user for anything.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.cache import never_cache

from backoffice.brand import brand


@never_cache
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "400.html", status=400)


@never_cache
def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, "500.html", status=500)


def _page(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    # Who failed before the language was known is answered in the browser's.
    spoken = getattr(request, "LANGUAGE_CODE", None)
    with translation.override(spoken or translation.get_language_from_request(request)):
        return HttpResponse(render_to_string(template, brand(request)), status=status)
