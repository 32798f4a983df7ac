"""The language of every answer."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from twofa import languages


class SpeakTheLanguage:
    """Django's own LocaleMiddleware knows cookie and browser only, no profile; and it would show
    the Back Office, which is English in this release, half translated by Django's own words.

    It stands after the middlewares that tell who is signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = languages.of_page(request)
        request.LANGUAGE_CODE = language  # as Django's own: the page of a fault asks for it
        # Left again afterwards: what a thread does next is no concern of this reader.
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
