"""Sending notices: one at a time, by whoever claims the row; again later when the mail fails."""

import json
import logging
import time
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any
from uuid import UUID

from celery import current_app
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backoffice.common.encryption import DecryptionFailed
from twofa.models import Notice
from twofa.models.notice import NoticeState
from twofa.policy_keys import SERVICE_NAME
from twofa.vocabulary import FactorKind

LEASE = timedelta(seconds=60)
TIMEOUT_SECONDS = 15
# After the n-th failure; then the notice has failed for good, after a day and a half.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 480, 1440))
SWEPT_AT_ONCE = 200
SWEEP_SECONDS = 8.0
PAUSE_SECONDS = 5.0
FOLDERS = ("twofa/notices", "alerts")
BROKER_ERRORS = (OperationalError, RedisError, OSError)

logger = logging.getLogger(__name__)


class _Pause:
    """Of this process: after the broker failed, pages leave publishing to the sweeper."""

    until = 0.0


def publish_on_commit(notice: Notice) -> None:
    # A lambda, no partial: Django asks a robust callback that failed for its name.
    transaction.on_commit(lambda: _publish(notice.pk), robust=True)


def _publish(notice_id: UUID) -> None:
    if time.monotonic() < _Pause.until:
        return
    try:
        current_app.send_task("twofa.tasks.send_notice", (str(notice_id),))
    except BROKER_ERRORS as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning(
            "the broker did not take a notice; the sweeper will",
            extra={"notice_id": str(notice_id), "error": type(error).__name__},
        )


def sweep() -> int:
    """Send what is due and was not sent, here and now; how many rows were tried.

    It stops after a while: with a slow mail server the next sweep goes on.
    """
    end = time.monotonic() + SWEEP_SECONDS
    due = _due(timezone.now()).order_by("next_try_at").values_list("pk", flat=True)
    tried = 0
    for notice_id in list(due[:SWEPT_AT_ONCE]):
        if time.monotonic() > end:
            break
        send(notice_id)
        tried += 1
    return tried


def send(notice_id: UUID) -> None:
    """Send it, unless somebody else does, it is not due, or it is done. Never raises for mail."""
    at = timezone.now()
    claimed = _due(at).filter(pk=notice_id)
    if not claimed.update(leased_until=at + LEASE, tries=F("tries") + 1):
        return
    notice = Notice.objects.get(pk=notice_id)
    try:
        _mail(notice)
    except SMTPRecipientsRefused as error:
        permanent = all(code >= 500 for code, _ in error.recipients.values())
        _failed(notice, error, for_good=permanent)
    except (SMTPException, OSError, DecryptionFailed) as error:
        # Without the key of this one another process may have it, and the others are to be sent.
        _failed(notice, error)
    else:
        _finish(notice, NoticeState.SENT)


def _due(at: datetime) -> QuerySet[Notice]:
    unleased = Q(leased_until=None) | Q(leased_until__lte=at)
    return Notice.objects.filter(unleased, finished_at=None, next_try_at__lte=at)


def _mail(notice: Notice) -> None:
    text, html = _rendered(notice)
    subject, _, body = text.partition("\n")
    mail = EmailMultiAlternatives(
        subject=subject.strip(),
        body=body.strip() + "\n",
        to=[notice.to],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no out-of-office answers
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    )
    if html:
        mail.attach_alternative(html, "text/html")
    mail.send()


def _rendered(notice: Notice) -> tuple[str, str]:
    """The text, and the HTML where there is one for that kind. The texts of the layer above stand
    in a folder of its own."""
    facts: dict[str, Any] = json.loads(notice.context)
    with translation.override(notice.language):
        names = [str(FactorKind(kind).label) for kind in facts["factors"]]
        context = {
            **facts,
            "factor": ", ".join(names),
            "at": datetime.fromisoformat(facts["at"]),
            "service": SERVICE_NAME(),
            "language": notice.language,
        }
        text = render_to_string(_templates(notice, "txt"), context).strip()
        try:
            return text, render_to_string(_templates(notice, "html"), context)
        except TemplateDoesNotExist:
            return text, ""


def _templates(notice: Notice, ending: str) -> list[str]:
    return [f"{folder}/{notice.kind}.{ending}" for folder in FOLDERS]


def _failed(notice: Notice, error: Exception, *, for_good: bool = False) -> None:
    """The text of an error may hold the address: only its kind is kept."""
    name = type(error).__name__
    logger.warning("a notice was not sent", extra={"notice_id": str(notice.pk), "error": name})
    if for_good or notice.tries > len(PAUSES):
        _finish(notice, NoticeState.FAILED, error=name)
        return
    Notice.objects.filter(pk=notice.pk).update(
        leased_until=None, next_try_at=timezone.now() + PAUSES[notice.tries - 1], error=name
    )


def _finish(notice: Notice, state: NoticeState, *, error: str = "") -> None:
    Notice.objects.filter(pk=notice.pk).update(
        state=state, finished_at=timezone.now(), leased_until=None, error=error
    )
