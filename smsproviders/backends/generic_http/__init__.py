from smsproviders.backends.generic_http.backend import HttpBackend

__all__ = ["HttpBackend"]
