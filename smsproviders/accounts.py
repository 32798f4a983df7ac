"""The backend of a provider, made once per process and kept until its settings change."""

import os
import threading
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from backoffice.common.encryption import DecryptionFailed
from smsproviders.backends import UnknownBackend, backend_class
from smsproviders.contract import SmsBackend
from smsproviders.models import SmsProvider
from smsproviders.vocabulary import Cause, Decision, Verdict, Words


class ProviderUnusable(Exception):
    """The provider cannot be asked at all; `verdict` says what that means for a message."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.verdict = Verdict(Decision.NEXT, Cause.PROVIDER_INCOMPLETE, words, tell_operator=True)


_lock = threading.Lock()
_kept: dict[UUID, tuple[tuple[str, str], SmsBackend]] = {}


def backend_for(provider: SmsProvider) -> SmsBackend:
    """The backend with the provider's credentials, shared by threads.

    ProviderUnusable when it does not exist here or a setting is missing; DecryptionFailed when this
    process lacks the key of the credentials, which another one may have.
    """
    settings = (provider.backend, provider.encrypted_credentials)
    with _lock:
        known, backend = _kept.get(provider.pk, (None, None))
        if backend is not None and known == settings:
            return backend
        fresh = _made(provider)
        _kept[provider.pk] = (settings, fresh)
    if backend is not None:
        backend.close()
    return fresh


def words_for(provider: SmsProvider, error_code: str) -> Words:
    """What an error code of that provider means, for operators; "" where nobody can tell."""
    try:
        kind = backend_class(provider.backend)
    except UnknownBackend:
        return ""
    try:
        return backend_for(provider).explain(error_code)
    except (ProviderUnusable, DecryptionFailed):
        return kind.words_for(error_code)


def page_of(provider: SmsProvider, error_code: str) -> str:
    """Where the provider itself tells about an error code; "" where nowhere."""
    try:
        return backend_class(provider.backend).page_of(error_code)
    except UnknownBackend:
        return ""


def forget() -> None:
    """Close and drop every backend of this process."""
    with _lock:
        dropped = [backend for _settings, backend in _kept.values()]
        _kept.clear()
    for backend in dropped:
        backend.close()


def _made(provider: SmsProvider) -> SmsBackend:
    try:
        kind = backend_class(provider.backend)
    except UnknownBackend:
        raise ProviderUnusable(_("This kind of provider does not exist here.")) from None
    form = kind.settings_form(data=provider.credentials, default_sender=provider.sender_for(""))
    if not form.is_valid():
        raise ProviderUnusable(_("A required setting of the provider is empty or wrong."))
    return kind(form.cleaned_data, provider_id=provider.pk)


# A child process must not share its parent's connections, nor a lock that a thread holds there.
def _after_fork() -> None:
    global _lock
    _lock = threading.Lock()
    _kept.clear()


os.register_at_fork(after_in_child=_after_fork)
