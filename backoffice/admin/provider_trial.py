"""Send test SMS: a real message by one provider, followed live to its receipt."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache

from backoffice.admin.display import Tone
from backoffice.admin.model_admin import operator_of
from backoffice.admin.provider_form import NumberForm, reasons_of
from backoffice.admin.provider_page import show_settings
from backoffice.admin.provider_view import CHANGE, ProviderView
from smsproviders import trial_sends
from smsproviders.models import SmsMessage
from smsproviders.queue_health import queue_health
from smsproviders.trial_sends import Progress, TooManyTests

PERMISSION = "smsproviders.send_test_sms"


class SendTrial(ProviderView):
    url_name = "smsproviders_smsprovider_test"
    permission = PERMISSION
    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = NumberForm(request.POST, label_suffix="")
        message = self._start(request, form) if form.is_valid() else None
        if message is None:
            return show_settings(request, self.provider, test_form=form)
        return redirect(f"admin:{TrialPage.url_name}", self.provider.pk, message.pk)

    def _start(self, request: HttpRequest, form: NumberForm) -> SmsMessage | None:
        number = form.cleaned_data["number"]
        try:
            return trial_sends.start(self.provider, number, actor=operator_of(request))
        except ValidationError as error:
            form.add_error("number", [one for each in reasons_of(error).values() for one in each])
        except TooManyTests as error:
            messages.error(request, error.words)
        return None


class TrialPage(ProviderView):
    """Works by reloading; the script asks `TrialStatus` instead."""

    url_name = "smsproviders_smsprovider_test_page"
    permission = PERMISSION
    template = "admin/smsproviders/test.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        message = trial_or_404(self.provider.pk, kwargs["message"])
        progress = trial_sends.progress(message)
        keys = [self.provider.pk, message.pk]
        return self.page(
            request,
            title=_("Test SMS"),
            trail=[(self.provider.caption, reverse(CHANGE, args=[self.provider.pk]))],
            trail_end=_("Test SMS"),
            message=message,
            progress=progress,
            told=told(progress),
            is_idle=not progress.is_over and not queue_health().worker_is_well,
            status_address=reverse(f"admin:{TrialStatus.url_name}", args=keys),
        )


@method_decorator(never_cache, name="dispatch")
class TrialStatus(ProviderView):
    url_name = "smsproviders_smsprovider_test_status"
    permission = PERMISSION

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        message = trial_or_404(self.provider.pk, kwargs["message"])
        return JsonResponse(told(trial_sends.progress(message)))


def trial_or_404(provider_id: Any, message_id: Any) -> SmsMessage:
    """A test of this provider; a client's message is not shown here."""
    tests = SmsMessage.objects.filter(only_provider=provider_id, purpose=trial_sends.PURPOSE)
    message = tests.filter(pk=message_id).first()
    if message is None:
        raise Http404
    return message


def told(progress: Progress) -> dict[str, Any]:
    """What the page shows, the same at first and live."""
    return {
        "is_over": progress.is_over,
        "state": progress.state,
        "state_words": progress.state_words,
        "tone": _tone(progress),
        "error": " ".join(filter(None, [progress.error_words, _code(progress)])),
        "provider_message_id": progress.provider_message_id,
        "cost": _cost(progress),
        "steps": _steps(progress),
    }


def _tone(progress: Progress) -> Tone:
    if progress.delivered_at is not None:
        return Tone.OK
    if progress.is_over and not progress.arrives:
        return Tone.BAD
    return Tone.CALM


def _code(progress: Progress) -> str:
    return _("(error %s)") % progress.error_code if progress.error_code else ""


def _cost(progress: Progress) -> str:
    """Segments and price, as far as the provider has told them; "" when neither."""
    parts = []
    if progress.segments is not None:
        words = ngettext("%(number)d segment", "%(number)d segments", progress.segments)
        parts.append(words % {"number": progress.segments})
    if progress.price is not None:
        # At least cents; what a provider writes beyond them only where it says something.
        amount = f"{progress.price:.5f}".rstrip("0")
        whole, _point, cents = amount.partition(".")
        parts.append(f"{whole}.{cents:0<2} {progress.currency}".strip())
    return ", ".join(parts)


def _steps(progress: Progress) -> list[dict[str, str]]:
    """Each step with how long after asking it was reached; "" while it was not."""
    moments = (
        ("accepted", _("Taken by the provider"), progress.accepted_at),
        ("sent", _("Handed to the network"), progress.sent_at),
        ("delivered", _("Delivered: the phone has it"), progress.delivered_at),
    )
    asked = progress.asked_at
    return [
        {
            "key": key,
            "words": words,
            "after": _("after %.1f s") % (moment - asked).total_seconds() if moment else "",
        }
        for key, words, moment in moments
    ]
