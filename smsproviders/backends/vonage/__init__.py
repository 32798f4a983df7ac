from smsproviders.backends.vonage.backend import VonageBackend

__all__ = ["VonageBackend"]
