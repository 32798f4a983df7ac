"""The route of a message: which providers may send it, in which order."""

from smsproviders.models import SmsMessage, SmsProvider


def route(country: str) -> list[SmsProvider]:
    """The enabled providers that serve the country, the first to try first."""
    enabled = SmsProvider.objects.filter(enabled=True).order_by("priority", "caption", "pk")
    return [provider for provider in enabled if provider.serves(country)]


def route_of(message: SmsMessage) -> list[SmsProvider]:
    """A test message goes by its provider alone, which need not be enabled yet."""
    if message.only_provider is not None:
        return [message.only_provider]
    return route(message.country)
