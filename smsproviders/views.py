"""Where providers report what became of a message: authenticated first, then idempotent."""

import logging

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from backoffice.common.encryption import DecryptionFailed
from smsproviders import report_evidence, reports
from smsproviders.accounts import ProviderUnusable, backend_for
from smsproviders.contract import Report, ReportMalformed, ReportRefused
from smsproviders.models import SmsProvider

LARGEST_REPORT = 64 * 1024
_UNREADABLE = (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError)

logger = logging.getLogger(__name__)


# No cookie of ours is read here: the provider's signature takes the place of the CSRF token.
@csrf_exempt
@require_POST
def report(request: HttpRequest, name: str) -> HttpResponse:
    """204 once it is stored; 403 alike for an unknown provider and for a wrong signature."""
    if _is_too_large(request):
        return HttpResponse(status=413)
    try:
        provider, received = _proved(request, name)
    except (SmsProvider.DoesNotExist, ProviderUnusable, ReportRefused) as error:
        # An attack, or a wrong webhook secret: then every state of this provider stays blind.
        logger.warning("a report was refused", extra={"reason": type(error).__name__})
        return HttpResponse(status=403)
    except (ReportMalformed, *_UNREADABLE) as error:
        logger.warning("a report cannot be read", extra={"reason": type(error).__name__})
        return HttpResponse(status=400)
    except DecryptionFailed:
        # This process lacks the key of the secret: the provider calls again, maybe another one.
        return HttpResponse(status=503)
    reports.receive(provider, received, asked_for=False)
    return HttpResponse(status=204)


def _proved(request: HttpRequest, name: str) -> tuple[SmsProvider, list[Report]]:
    provider = SmsProvider.objects.get(name=name)
    backend = backend_for(provider)
    try:
        backend.authenticate_report(request)
    except ReportRefused:
        if backend.calls_back:
            report_evidence.note_refused(provider)
        raise
    report_evidence.note_received(provider)
    received = backend.parse_report(request)
    if not all(map(_is_storable, received)):
        raise ReportMalformed
    return provider, received


def _is_storable(one: Report) -> bool:
    """PostgreSQL stores no NUL, and no half of a character, which JSON can write."""
    texts = [one.provider_message_id, one.raw_status, one.error_code, *one.payload.values()]
    return all("\x00" not in text and _is_whole(text) for text in map(str, texts))


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_too_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > LARGEST_REPORT
