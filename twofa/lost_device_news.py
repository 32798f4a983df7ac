"""What the client is told of a lost-device request: an e-mail at every change, an SMS at first."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from clients.models import User
from twofa import notices, old_numbers, texts
from twofa.lost_device_keys import CLOSED_DAYS
from twofa.models import SmsConfirmation, SupportRequest, SupportRequestLink
from twofa.models.support_request import RequestState
from twofa.notices import NoticeKind

# After the last change. Until then "this was not me" is of use even for what was done.
LINK_LIFE = timedelta(days=30)
_KINDS = {
    RequestState.RECEIVED: NoticeKind.LOST_DEVICE_RECEIVED,
    RequestState.TAKEN: NoticeKind.LOST_DEVICE_TAKEN,
    RequestState.MORE_NEEDED: NoticeKind.LOST_DEVICE_MORE_NEEDED,
    RequestState.ANSWERED: NoticeKind.LOST_DEVICE_ANSWERED,
    RequestState.REFUSED: NoticeKind.LOST_DEVICE_REFUSED,
    RequestState.WITHDRAWN: NoticeKind.LOST_DEVICE_WITHDRAWN,
    RequestState.DENIED: NoticeKind.LOST_DEVICE_DENIED,
}


def tell(request: SupportRequest, *, proofs: Callable[[User], list[str]] | None = None) -> None:
    """In the transaction of the change. `proofs` makes the lines of what is asked for."""
    user, state = request.user, RequestState(request.state)
    with translation.override(texts.language_of(user)):
        facts: dict[str, str | int] = {
            "number": request.number,
            "due_date": date_format(request.due_at, "DATE_FORMAT"),
            "due_time": f"{request.due_at:%H:%M}",
            "question": request.question if state is RequestState.MORE_NEEDED else "",
            "refusal": request.refusal if state is RequestState.REFUSED else "",
            "proofs": "\n".join(f"- {line}" for line in proofs(user)) if proofs else "",
            "days": CLOSED_DAYS(),
            "link": _link(request),
        }
    notices.tell(user, _KINDS[state], facts)


def tell_number(user: User) -> None:
    """To the confirmed number: who holds the phone may be the one whose account it is."""
    device = SmsConfirmation.objects.filter(user=user, confirmed=True).first()
    if device:
        body = texts.lost_device_body(language=texts.language_of(user))
        old_numbers.tell(str(device.number), body)


def find(token: str) -> SupportRequest | None:
    """The request that a link is of, finished or not; None when the link is too old."""
    rows = SupportRequest.objects.select_related("user")
    found = rows.filter(links__token_digest=_digest(token)).first()
    return found if found and links_work(found, at=timezone.now()) else None


def links_work(request: SupportRequest, *, at: datetime) -> bool:
    """As long as it is open: so long it can be stopped."""
    return request.is_open or at < request.changed_at + LINK_LIFE


def _link(request: SupportRequest) -> str:
    token = secrets.token_urlsafe(32)
    SupportRequestLink.objects.create(request=request, token_digest=_digest(token))
    return f"{settings.PUBLIC_URL}{reverse('twofa:lost-device-link', args=[token])}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
