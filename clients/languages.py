"""The languages that the service speaks: LANGUAGES of the settings, in the order of a choice."""

from django.conf import settings


def known(language: str) -> str:
    """The language itself, or English for one that is not, or no longer, among them."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
