"""One message: what it is, each call with its reports, what comes next, and sending it again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin import messages_words as words
from backoffice.admin.display import Words
from backoffice.admin.messages_resend import offer_of
from backoffice.admin.messages_rows import diagnosis_address, rows_of
from backoffice.admin.provider_view import CHANGE
from clients.models import User
from smsproviders import accounts
from smsproviders.models import DeliveryReport, SmsAttempt, SmsMessage
from smsproviders.retention_keys import KEEP_ANSWERS_DAYS
from twofa.people import signed_in

VIEW_PROVIDER = "smsproviders.view_smsprovider"


@dataclass(frozen=True, slots=True)
class ReportLine:
    report: DeliveryReport
    error: Words  # what its code means
    payload: str


@dataclass(frozen=True, slots=True)
class CallCard:
    """One call. `provider_address` "": no page for this operator. `answer` "": not kept."""

    attempt: SmsAttempt
    decision: SafeString
    cause: Words
    error: Words
    error_page: str
    provider_address: str
    size: str
    price: str
    answer: str
    reports: Sequence[ReportLine]


@dataclass(frozen=True, slots=True)
class Step:
    """A moment that the message reached, and how long after it was asked for."""

    words: Words
    at: datetime
    after: str


@dataclass(frozen=True, slots=True)
class NextCall:
    words: Words
    at: datetime | None = None


def message_page(request: HttpRequest, pk: str) -> HttpResponse:
    """For who may see messages: the admin's view has asked."""
    message = message_or_404(pk)
    reader = signed_in(request)
    (row,) = rows_of([message], reader=reader)
    reports = DeliveryReport.objects.order_by("id")
    prefetch_related_objects(row.attempts, Prefetch("reports", reports))
    context = {
        **admin.site.each_context(request),
        "opts": SmsMessage._meta,
        "title": _("Message to %s") % message.masked_number,
        "trail_end": message.masked_number,
        "row": row,
        "message": message,
        "steps": steps_of(message),
        "calls": [_card(one, reader) for one in row.attempts],
        "next_call": next_call(message),
        "is_live": message.finished_at is None,
        "resends": message.resends.order_by("-id").defer("body"),
        "diagnosis_address": diagnosis_address(row.challenge, reader),
        "offer": offer_of(row, reader),
        "kept_days": KEEP_ANSWERS_DAYS(),
    }
    return TemplateResponse(request, "admin/smsproviders/messages/page.html", context)


def message_or_404(pk: str) -> SmsMessage:
    rows = SmsMessage.objects.defer("body").select_related("only_provider", "resent_from")
    try:
        return rows.get(pk=pk)
    except (SmsMessage.DoesNotExist, ValidationError):
        raise Http404 from None


def steps_of(message: SmsMessage) -> list[Step]:
    """The moments that it has reached, in their order."""
    moments = (
        (_("Asked for"), message.created_at),
        (_("Taken by the provider"), message.accepted_at),
        (_("Handed to the network"), message.sent_at),
        (_("Delivered: the phone has it"), message.delivered_at),
        (_("Typed by the client"), message.converted_at),
    )
    return [Step(words, at, _after(message, at)) for words, at in moments if at]


def next_call(message: SmsMessage) -> NextCall | None:
    """What is planned; None: nothing is to be sent any more, or a provider has it."""
    due = message.next_attempt_at
    if message.finished_at is not None or due is None:
        return None
    if message.lease is not None:
        return NextCall(_("A worker has it in hand."))
    if due > timezone.now():
        return NextCall(_("The next call is planned:"), due)
    return NextCall(_("It waits for a worker, since:"), due)


def _after(message: SmsMessage, at: datetime) -> str:
    """How long after it was asked for."""
    seconds = (at - message.created_at).total_seconds()
    return "" if seconds <= 0 else _("after %s s") % number_format(seconds, 1)


def _card(attempt: SmsAttempt, reader: User) -> CallCard:
    code, provider = attempt.error_code, attempt.provider
    may_open = provider is not None and reader.has_perm(VIEW_PROVIDER)
    return CallCard(
        attempt=attempt,
        decision=words.decision_chip(attempt),
        cause=words.cause_words(attempt.cause),
        error=words.error_words(attempt, code),
        error_page=accounts.page_of(provider, code) if provider and code else "",
        provider_address=reverse(CHANGE, args=[attempt.provider_id]) if may_open else "",
        size=words.size_words([attempt]),
        price=words.price_words([attempt]),
        answer=_as_text(attempt.answer),
        reports=[_line(attempt, one) for one in attempt.reports.all()],
    )


def _line(attempt: SmsAttempt, report: DeliveryReport) -> ReportLine:
    error = words.error_words(attempt, report.error_code)
    return ReportLine(report, error, _as_text(report.payload))


def _as_text(raw: Any) -> str:
    """As the backend kept it, which redacts; "" where nothing is kept."""
    return json.dumps(raw, ensure_ascii=False, indent=2) if raw else ""
