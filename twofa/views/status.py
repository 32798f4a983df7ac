"""How a code is on its way, as JSON for the page that waits for it."""

from uuid import UUID

from django.http import Http404, HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from twofa import bindings, challenges, sign_in
from twofa.views.asking import sms_line


@require_safe
@never_cache
def status(request: HttpRequest, challenge_id: UUID) -> JsonResponse:
    """Only for the session that asked. Another's challenge is answered as one that never was."""
    if not request.user.is_authenticated and sign_in.half_sign_in(request) is None:
        raise Http404
    challenge = challenges.owned(challenge_id, binding=bindings.of(request))
    line = sms_line(challenge)
    if line is None or line.delivery is None:
        raise Http404
    return JsonResponse(
        {
            "state": line.delivery.state,
            "step": line.delivery.step,
            "words": line.delivery.words,
            "final": line.delivery.final,
            "live": line.is_live,
            "resend_in": line.wait,
            "button": line.button,
            "html": render_to_string("twofa/_delivery.html", {"delivery": line.delivery}),
        }
    )
