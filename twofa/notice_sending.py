"""Sending notices: one at a time, by whoever claims the row; again later when the mail fails."""

import json
import logging
import time
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from twofa import notice_layout
from twofa.models import Notice
from twofa.models.notice import NoticeState
from twofa.policy_keys import SERVICE_NAME
from twofa.vocabulary import FactorKind

TIMEOUT_SECONDS = 15
# Longer than the slowest mail server that answers each of its commands in time.
LEASE = timedelta(minutes=3)
# After the n-th failure; then the notice has failed for good, after a day and a half.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 480, 1440))
SWEPT_AT_ONCE = 200
SWEEP_SECONDS = 8.0
PAUSE_SECONDS = 5.0
FOLDERS = ("twofa/notices", "alerts")
# Facts in the letters of the West, whatever the language.
ISOLATED = ("address", "browser", "email", "number", "operator", "ticket")
BROKER_ERRORS = (OperationalError, RedisError, OSError)

logger = logging.getLogger(__name__)


class _Pause:
    """Of this process: after the broker failed, pages leave publishing to the sweeper."""

    until = 0.0


def publish_on_commit(notice: Notice) -> None:
    publish_task_on_commit("twofa.tasks.send_notice", notice.pk)


def publish_task_on_commit(task: str, key: UUID) -> None:
    """Of a row that the sweep of notices finds as well."""
    # A lambda, no partial: Django asks a robust callback that failed for its name.
    transaction.on_commit(lambda: _publish(task, key), robust=True)


def _publish(task: str, key: UUID) -> None:
    if time.monotonic() < _Pause.until:
        return
    try:
        current_app.send_task(task, (str(key),))
    except BROKER_ERRORS as error:
        _Pause.until = time.monotonic() + PAUSE_SECONDS
        logger.warning(
            "the broker did not take a notice; the sweeper will",
            extra={"task": task, "row": str(key), "error": type(error).__name__},
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
        mail = _made(notice)
    except Exception as error:  # noqa: BLE001 - one that cannot be made must not stop the others
        # Another process may have its key, or its template after a deployment.
        _failed(notice, error)
        return
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        permanent = all(code >= 500 for code, _ in error.recipients.values())
        _failed(notice, error, for_good=permanent)
    except (SMTPException, OSError) as error:
        _failed(notice, error)
    else:
        _finish(notice, NoticeState.SENT)


def _due(at: datetime) -> QuerySet[Notice]:
    unleased = Q(leased_until=None) | Q(leased_until__lte=at)
    return Notice.objects.filter(unleased, finished_at=None, next_try_at__lte=at)


def _made(notice: Notice) -> EmailMultiAlternatives:
    text, html = _rendered(notice)
    subject, body = notice_layout.subject_and_body(text)
    mail = EmailMultiAlternatives(
        subject=subject,
        body=body,
        to=[notice.to],
        headers={
            "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers
            # The same at every try: who gets it twice can tell, and many mail systems do.
            "Message-ID": f"<{notice.pk}@{urlsplit(settings.PUBLIC_URL).hostname}>",
        },
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    )
    mail.attach_alternative(html, "text/html")
    return mail


def _rendered(notice: Notice) -> tuple[str, str]:
    """The text and the HTML. The layer above has texts in a folder of its own, and may have its own
    HTML; else the text makes it."""
    facts: dict[str, Any] = json.loads(notice.context)
    with translation.override(notice.language):
        names = [str(FactorKind(kind).label) for kind in facts["factors"]]
        context = {
            **_isolated(facts),
            "factor": ", ".join(names),
            "at": datetime.fromisoformat(facts["at"]),
            "service": SERVICE_NAME(),
            "language": notice.language,
        }
        text = render_to_string(_templates(notice, "txt"), context).strip()
        try:
            return text, render_to_string(_templates(notice, "html"), context)
        except TemplateDoesNotExist:
            return text, notice_layout.html_of(text)


def _isolated(facts: dict[str, Any]) -> dict[str, Any]:
    """Within text from right to left, an address or a number keeps its own order (UAX 9)."""
    if not translation.get_language_bidi():
        return facts
    isolated = {name: f"\u2068{facts[name]}\u2069" for name in ISOLATED if facts.get(name)}
    return {**facts, **isolated}


def _templates(notice: Notice, ending: str) -> list[str]:
    return [f"{folder}/{notice.kind}.{ending}" for folder in FOLDERS]


def _failed(notice: Notice, error: Exception, *, for_good: bool = False) -> None:
    """The text of an error may hold the address: only its kind is kept."""
    name = type(error).__name__
    logger.warning("a notice was not sent", extra={"notice_id": str(notice.pk), "error": name})
    if for_good or notice.tries > len(PAUSES):
        _finish(notice, NoticeState.FAILED, error=name)
        return
    _ours(notice).update(
        leased_until=None, next_try_at=timezone.now() + PAUSES[notice.tries - 1], error=name
    )


def _finish(notice: Notice, state: NoticeState, *, error: str = "") -> None:
    # Nobody needs the facts any more, and a link among them may still open something.
    _ours(notice).update(
        state=state, finished_at=timezone.now(), leased_until=None, error=error, context=""
    )


def _ours(notice: Notice) -> QuerySet[Notice]:
    """Unless somebody claimed it since, after our lease."""
    return Notice.objects.filter(pk=notice.pk, tries=notice.tries, finished_at=None)
