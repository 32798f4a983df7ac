"""The choice of a language, at the foot of every client page."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from twofa import languages
from twofa.views import destination
from twofa.views.pages import SeeOther, auth_page


@require_POST
@auth_page
def choose(request: HttpRequest) -> HttpResponse:
    """Back to the page it was chosen on. An unknown language changes nothing."""
    response = SeeOther(destination.asked_for(request) or reverse("twofa:start"))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        languages.choose(request, response, language)
    return response
