"""Send a test SMS to a client: to his confirmed number, by a provider of choice, in words only."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from backoffice.admin.act_page import ActForm, ActPage
from backoffice.admin.caller_note import NOT_DONE
from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.provider_trial import told
from backoffice.common.masking import mask_phone
from clients.models import Client
from smsproviders import trial_sends
from smsproviders.models import SmsMessage, SmsProvider
from smsproviders.queue_health import queue_health
from smsproviders.trial_sends import TooManyTests
from twofa import client_trials
from twofa.operator_acts import NotDone

PROGRESS, STATE = "admin:clients_client_test_sms_progress", "admin:clients_client_test_sms_state"


class TrialForm(ActForm):
    """Neither reason nor ticket: it changes nothing, and the log has who sent it to whom."""

    reason = None  # type: ignore[assignment]  # how Django leaves out an inherited field
    ticket = None  # type: ignore[assignment]
    provider = forms.ModelChoiceField(
        SmsProvider.objects.filter(enabled=True).order_by("priority", "caption"),
        label=gettext_lazy("Provider"),
        required=False,
        empty_label=gettext_lazy("The first of the client's route"),
        help_text=gettext_lazy("Another one tells whether the number or the provider is at fault."),
    )


class TrialPage(ActPage):
    form_class = TrialForm
    tab = SETTINGS
    dangerous = False

    def may(self) -> bool:
        return client_trials.may_send(self.operator, self.client.user)

    @cached_property
    def number(self) -> str:
        return client_trials.number_of(self.client.user)

    def nothing_to_do(self) -> str:
        return "" if self.number else _("This client has no number for SMS confirmation.")

    def facts(self) -> dict[str, Any]:
        names = {"number": mask_phone(self.number), "client": self.client}
        return {
            "title": _("Send a test SMS"),
            "summary": _(
                "A short text goes to %(number)s, the number of SMS confirmation of %(client)s. It "
                "holds no code. You then see whether it arrives."
            )
            % names,
            "afterwards": _("It costs what an SMS costs there, and counts for your limits."),
            "button": _("Send a test SMS to %(number)s") % names,
            "test_name": "confirm-test-sms",
        }

    def act(self, form: ActForm) -> HttpResponse:
        provider = form.cleaned_data["provider"] or client_trials.first_provider(self.number)
        if provider is None:
            form.add_error("provider", _("No enabled provider serves this number."))
            return self.show(form)
        try:
            sent = client_trials.send(self.client.user, provider, operator=self.operator)
        except TooManyTests as refused:
            return self.back(refused.words, level=messages.WARNING)
        except ValidationError:
            form.add_error(None, _("This number is none that an SMS can be sent to."))
            return self.show(form)
        if isinstance(sent, NotDone):
            return self.back(str(NOT_DONE[sent]), level=messages.WARNING)
        return redirect(PROGRESS, self.client.pk, sent.pk)


class _OneTrial(ActPage):
    """What became of a test SMS to this client; of other messages nothing is told here."""

    tab = SETTINGS
    http_method_names = ("get", "head")

    def may(self) -> bool:
        return client_trials.may_send(self.operator, self.client.user)

    def message(self) -> SmsMessage:
        number = client_trials.number_of(self.client.user)
        tests = SmsMessage.objects.filter(purpose=trial_sends.PURPOSE, number=number)
        return get_object_or_404(tests.select_related("only_provider"), pk=self.kwargs["message"])


class TrialProgress(_OneTrial):
    """Works by reloading; the script asks `TrialState` instead."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        message = self.message()
        progress = trial_sends.progress(message)
        back = address_of(self.client, self.tab)
        context = {
            **self.site.each_context(request),
            "opts": Client._meta,
            "title": _("Test SMS"),
            "trail": [(str(self.client), back)],
            "trail_end": _("Test SMS"),
            "message": message,
            "provider": message.only_provider,
            "told": told(progress),
            "is_idle": not progress.is_over and not queue_health().worker_is_well,
            "status_address": reverse(STATE, args=[self.client.pk, message.pk]),
            "back": back,
        }
        return TemplateResponse(request, "admin/smsproviders/test.html", context)


@method_decorator(never_cache, name="dispatch")
class TrialState(_OneTrial):
    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return JsonResponse(told(trial_sends.progress(self.message())))
