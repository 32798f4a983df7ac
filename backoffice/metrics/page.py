"""`GET /metrics`. Some twenty queries, whatever was sent and however many clients there are."""

import logging
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus

from django.conf import settings
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from backoffice.metrics import access
from backoffice.metrics.codes import codes
from backoffice.metrics.machinery import machinery, without_the_database
from backoffice.metrics.providers import providers
from backoffice.metrics.routes import routes
from backoffice.metrics.sealing import sealing

PARTS: tuple[Callable[[], Iterator[Metric]], ...] = (machinery, codes, providers, routes, sealing)
NO_DATABASE = (
    "# The database does not answer: only what needs none is here. See the log of this process, "
    "and /health/ready.\n"
)

logger = logging.getLogger(__name__)


class _Found(Collector):
    """Families that were collected already, before the first byte is answered."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not access.is_set_up():
        raise Http404
    if not access.may_read(request):
        return _refusal()
    try:
        families = [family for part in PARTS for family in part()]
    except Error as error:
        logger.error("no metrics without the database", extra={"error": type(error).__name__})
        return _unavailable()
    return _answer(request, [*without_the_database(database_answers=True), *families])


def _refusal() -> HttpResponse:
    if not settings.METRICS_TOKEN:
        return _text("This address is not one of METRICS_ALLOWED.\n", HTTPStatus.FORBIDDEN)
    refused = _text("The bearer token is missing or wrong.\n", HTTPStatus.UNAUTHORIZED)
    refused["WWW-Authenticate"] = "Bearer"
    return refused


def _unavailable() -> HttpResponse:
    """Prometheus keeps nothing of it but that the scrape failed; people read it."""
    found = _Found(without_the_database(database_answers=False))
    encode, _kind = choose_encoder("")
    return _text(NO_DATABASE + encode(found).decode(), HTTPStatus.SERVICE_UNAVAILABLE)


def _answer(request: HttpRequest, families: Iterable[Metric]) -> HttpResponse:
    encode, kind = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(_Found(families)), content_type=kind)


def _text(words: str, status: HTTPStatus) -> HttpResponse:
    return HttpResponse(words, content_type="text/plain; charset=utf-8", status=status)


urlpatterns = [path("metrics", metrics, name="metrics")]
