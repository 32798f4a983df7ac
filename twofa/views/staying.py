"""*Stay signed in*: a page asks for more time before its session ends for want of activity."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.http import require_POST

from twofa.views.pages import auth_page


@require_POST
@auth_page
def stay(request: HttpRequest) -> HttpResponse:
    """Any request prolongs an idle session (`clients.middleware`); this one does nothing else."""
    if not request.user.is_authenticated:
        return HttpResponseForbidden()
    return HttpResponse(status=204)
