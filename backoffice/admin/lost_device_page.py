"""One request of a client without device: the proofs ticked off, and what comes of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from backoffice.admin.caller_note import NOT_DONE
from backoffice.admin.client_display import SETTINGS, address_of
from backoffice.admin.display import Tone
from clients.models import Client, User, VerificationLevel
from twofa import lost_device, lost_device_desk, resets
from twofa.lost_device_desk import HANDLE, VIEW, Handled
from twofa.models import SupportRequest, SupportRequestProof
from twofa.models.reset import ResetScope
from twofa.models.support_request import RequestState
from twofa.operator_acts import NotDone, held
from twofa.people import signed_in

LIST, PAGE = "admin:lost_devices", "admin:lost_device"
LOST_DEVICES = gettext_lazy("Lost devices")
WORDS_LENGTH = 500
TONES = {
    RequestState.RECEIVED: Tone.WARN,
    RequestState.TAKEN: Tone.WARN,
    RequestState.MORE_NEEDED: Tone.CALM,
    RequestState.ANSWERED: Tone.OK,
    RequestState.REFUSED: Tone.BAD,
    RequestState.WITHDRAWN: Tone.CALM,
    RequestState.DENIED: Tone.BAD,
}


class LostDevicePage(View):
    asked: SupportRequest
    operator: User

    def dispatch(
        self, request: HttpRequest, *args: Any, key: UUID, **kwargs: Any
    ) -> HttpResponseBase:
        self.operator = signed_in(request)
        right = VIEW if request.method in {"GET", "HEAD"} else HANDLE
        if not self.operator.has_perm(right):
            raise PermissionDenied
        rows = SupportRequest.objects.select_related("user__client", "taken_by", "finished_by")
        self.asked = get_object_or_404(rows, pk=key, user__client__isnull=False)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        act = ACTS.get(request.POST.get("act", ""))
        if act is None:
            raise Http404
        done = act(self)
        if done is NotDone.REASON_MISSING:
            messages.error(request, _("Write it down: the client reads it. Nothing was changed."))
        elif isinstance(done, NotDone):
            messages.warning(request, str(NOT_DONE[done]))
        elif done is Handled.OVER:
            messages.info(request, _("This request changed meanwhile. Nothing was done."))
        return HttpResponseRedirect(reverse(PAGE, args=[self.asked.pk]))

    def take(self) -> Handled | NotDone:
        return lost_device_desk.take(self.asked, operator=self.operator)

    def tick(self) -> Handled | NotDone:
        return self._check(is_proved=True)

    def untick(self) -> Handled | NotDone:
        return self._check(is_proved=False)

    def ask(self) -> Handled | NotDone:
        return lost_device_desk.ask_more(
            self.asked, operator=self.operator, question=self._text("question")
        )

    def refuse(self) -> Handled | NotDone:
        return lost_device_desk.refuse(
            self.asked, operator=self.operator, reason=self._text("reason")
        )

    def open_again(self) -> Handled | NotDone:
        return lost_device_desk.open_again(self.asked, operator=self.operator)

    def _check(self, *, is_proved: bool) -> Handled | NotDone:
        try:
            proof = UUID(self.request.POST.get("proof", ""))
            return lost_device_desk.check(
                self.asked,
                proof,
                operator=self.operator,
                is_proved=is_proved,
                note=self._text("note"),
            )
        except (ValueError, SupportRequestProof.DoesNotExist):
            raise Http404 from None

    def _text(self, name: str) -> str:
        return self.request.POST.get(name, "").strip()[:WORDS_LENGTH]

    def _page(self) -> HttpResponse:
        asked, user, at = self.asked, self.asked.user, timezone.now()
        client: Client = user.client
        client.user = user
        proofs = [
            {"row": proof, "words": lost_device.words(proof.text)}
            for proof in asked.proofs.select_related("checked_by")
        ]
        earliest = lost_device.earliest(asked)
        obstacle = held(user) or lost_device_desk.obstacle(asked) if asked.is_open else None
        context = {
            **admin.site.each_context(self.request),
            "title": _("Lost device %(number)s") % {"number": asked.number},
            "trail": [(_("Security"), ""), (LOST_DEVICES, reverse(LIST))],
            "trail_end": asked.number,
            "asked": asked,
            "client": client,
            "client_address": address_of(client, SETTINGS),
            "level": VerificationLevel(asked.level).label,
            "proofs": proofs,
            "tone": TONES[RequestState(asked.state)],
            "is_overdue": lost_device.is_overdue(asked, at=at),
            "earliest": earliest if earliest > at else None,
            "obstacle": str(NOT_DONE[obstacle]) if obstacle else "",
            "may_handle": asked.is_open and lost_device_desk.may_handle(self.operator, user),
            "is_mine": asked.taken_by_id == self.operator.pk,
            "switch_off_address": self._switch_off_address(client),
            "closed_until": lost_device.closed_until(user, at=at) if asked.denied_at else None,
            "may_open_again": self._may_open_again(),
            "words_length": WORDS_LENGTH,
        }
        return TemplateResponse(self.request, "admin/clients/lost_device.html", context)

    def _switch_off_address(self, client: Client) -> str:
        if not self.asked.is_open or not resets.may_disable(self.operator, client.user):
            return ""
        return reverse("admin:clients_client_disable", args=[client.pk, ResetScope.ALL.value])

    def _may_open_again(self) -> bool:
        asked = self.asked
        if asked.denied_at is None or asked.reopened_at:
            return False
        return lost_device_desk.may_open_again(self.operator, asked.user)


ACTS: dict[str, Callable[[LostDevicePage], Handled | NotDone]] = {
    "take": LostDevicePage.take,
    "tick": LostDevicePage.tick,
    "untick": LostDevicePage.untick,
    "ask": LostDevicePage.ask,
    "refuse": LostDevicePage.refuse,
    "open-again": LostDevicePage.open_again,
}
