"""The backends by key. Imported when first asked for: an SDK costs memory and start-up time."""

from importlib import import_module

from django.conf import settings

from smsproviders.contract import SmsBackend

# One line a provider. docs/adding-a-provider.md
BACKENDS = {
    "twilio": "smsproviders.backends.twilio.TwilioBackend",
    "vonage": "smsproviders.backends.vonage.VonageBackend",
    "http": "smsproviders.backends.generic_http.HttpBackend",
    "sandbox": "smsproviders.backends.sandbox.SandboxBackend",
}


class UnknownBackend(LookupError):
    """No backend of that key; the text names those there are."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no SMS backend {key!r}; there are: {', '.join(available())}.")


def backend_class(key: str) -> type[SmsBackend]:
    if key not in BACKENDS:
        raise UnknownBackend(key)
    module, name = BACKENDS[key].rsplit(".", 1)
    found: type[SmsBackend] = getattr(import_module(module), name)
    if found.for_development and not settings.DEBUG:
        raise UnknownBackend(key)
    return found


def available() -> list[str]:
    """Keys of the backends that may be used here: the sandbox only with DEBUG."""
    return [key for key in BACKENDS if settings.DEBUG or key != "sandbox"]
