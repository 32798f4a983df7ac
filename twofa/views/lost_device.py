"""For a client with neither phone nor app: asking support, and where the request stands."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_safe

from clients.models import User
from twofa import lost_device, lost_device_news, people, sign_in
from twofa.lost_device import REPLY_LENGTH, NotAsked, Over
from twofa.models import SupportRequest
from twofa.models.support_request import RequestState
from twofa.sign_in import Access
from twofa.views.pages import SeeOther, auth_page, on_dispatch
from twofa.views.refusals import Problem
from twofa.views.second_step import SecondStep
from twofa.vocabulary import CallerProof

_KEY = "lost_device"
STATUS = "twofa:lost-device-status"


class AskPage(SecondStep):
    """After the password. No code is asked for: that is what was lost."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        found = lost_device.ask(self.half.user)
        if isinstance(found, NotAsked):
            return self._page(refused=found)
        return SeeOther(reverse(STATUS))

    def _page(self, *, refused: NotAsked | None = None) -> HttpResponse:
        user, at = self.half.user, timezone.now()
        standing = lost_device.standing(user)
        closed_until = lost_device.closed_until(user, at=at)
        if standing is None and closed_until:
            refused = NotAsked.CLOSED
        return self.render(
            "twofa/lost_device.html",
            proofs=lost_device.proofs_of(standing) if standing else lost_device.proofs_for(user),
            due=standing.due_at if standing else lost_device.due_from(at),
            standing=standing,
            may_ask=standing is None and refused is None,
            problem=_problem(refused) if refused else None,
            closed_until=closed_until,
        )


@require_safe
@auth_page
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """From an e-mail: the token goes from the address into the session; nothing is changed."""
    found = lost_device_news.find(token)
    if found is None:
        return _nothing(request)
    request.session[_KEY] = str(found.pk)
    return redirect(STATUS)


@on_dispatch
class StatusPage(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = _found(request)
        return _page(request, *found) if found else _nothing(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        found = _found(request)
        # The one that was read is the one that is changed.
        if found is None or request.POST.get("request") != str(found[0].pk):
            return _nothing(request)
        if not lost_device.may_act(found[1]):
            return SeeOther(reverse(STATUS))  # the page says what is missing
        result = _answer(request, *found)
        if isinstance(result, Over):
            messages.warning(request, _("Your request changed meanwhile. Nothing was done now."))
        return SeeOther(reverse(STATUS))


def _answer(
    request: HttpRequest, found: SupportRequest, proof: CallerProof
) -> SupportRequest | Over:
    said = request.POST.get("answer")
    if said == "withdraw":
        return lost_device.withdraw(found.pk, proof=proof)
    if said == "not-me":
        return lost_device.deny(found.pk, proof=proof)
    text = request.POST.get("reply", "")
    if said == "reply" and text.strip():
        return lost_device.reply(found.pk, text, proof=proof)
    return found


def _found(request: HttpRequest) -> tuple[SupportRequest, CallerProof] | None:
    """What this browser may see, and how it is known: by the link, after the password, or from a
    session with a second factor. Of one's own requests the newest. A link is of one request only:
    it proves nothing for a later one."""
    half = sign_in.half_sign_in(request)
    user = half.user if half else _signed_in(request)
    own = lost_device.newest(user) if user else None
    linked = _linked(request)
    if own is None or (linked and own.user_id != linked.user_id):
        return (linked, CallerProof.LINK) if linked else None
    # A trusted browser adds nothing to the password: whoever took it has it too.
    if half is None and people.code_device(request) is not None:
        return own, CallerProof.SIGNED_IN
    return own, CallerProof.LINK if own == linked else CallerProof.PASSWORD


def _linked(request: HttpRequest) -> SupportRequest | None:
    kept = request.session.get(_KEY)
    rows = SupportRequest.objects.select_related("user")
    found = rows.filter(pk=UUID(kept)).first() if kept else None
    works = found and lost_device_news.links_work(found, at=timezone.now())
    return found if works else None


def _signed_in(request: HttpRequest) -> User | None:
    """By everything there is: a session by password alone is none where there is a factor."""
    user = request.user
    if not isinstance(user, User) or sign_in.access(request) is not Access.EVERYTHING:
        return None
    return user if getattr(user, "otp_device", None) is not None else None


def _page(request: HttpRequest, found: SupportRequest, proof: CallerProof) -> HttpResponse:
    at = timezone.now()
    context = {
        "may_act": lost_device.may_act(proof),
        "lost": found,
        "is_overdue": lost_device.is_overdue(found, at=at),
        "waits": found.state == RequestState.MORE_NEEDED,
        "closed_until": lost_device.closed_until(found.user, at=at),
        "reply_length": REPLY_LENGTH,
    }
    return render(request, "twofa/lost_device_status.html", context)


def _nothing(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was, and for one of somebody else."""
    return render(request, "twofa/lost_device_none.html", status=404)


def _problem(refused: NotAsked) -> Problem:
    if refused is NotAsked.CLOSED:
        return Problem(
            _("New requests are stopped for now"),
            _("You told us that a request was not yours. This protects your account."),
        )
    if refused is NotAsked.TOO_MANY:
        return Problem(
            _("Too many requests in a day"), _("Wait a day, then ask again. Nothing was lost.")
        )
    if refused is NotAsked.NO_CLIENT:
        return Problem(
            _("Please ask an administrator"),
            _("Operators are helped by an administrator of the Back Office."),
        )
    return Problem(
        _("No second factor is on"), _("Go back to the sign-in: your password is enough now.")
    )
