"""The page on which a client agrees to what support is about to do, or says "this was not me"."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_safe

from clients.models import User
from twofa import approvals, people, sign_in
from twofa.approvals import Over
from twofa.models import Approval
from twofa.policy_keys import SERVICE_NAME
from twofa.sign_in import Access
from twofa.views.pages import SeeOther, auth_page, on_dispatch
from twofa.vocabulary import CallerProof, OperatorAct

_KEY = "approval"


@require_safe
@auth_page
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the e-mail: the token goes from the address into the session; nothing is answered."""
    approval = approvals.find(token)
    if approval is None:
        return _nothing(request)
    request.session[_KEY] = str(approval.pk)
    return redirect("twofa:approval")


@on_dispatch
class ApprovalPage(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        found = _found(request)
        return _page(request, found[0]) if found else _nothing(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        found = _found(request)
        said = request.POST.get("answer")
        # The one that was read is the one that is answered.
        if found is None or request.POST.get("approval") != str(found[0].pk):
            return _nothing(request)
        if said not in {"yes", "no"}:
            return redirect("twofa:approval")
        approval, proof = found
        result = approvals.answer(approval.pk, approved=said == "yes", proof=proof)
        if isinstance(result, Over):
            messages.warning(request, _("This was answered before, or its time is over."))
        request.session[_KEY] = str(approval.pk)  # to show what was said
        return SeeOther(request.path)


def _found(request: HttpRequest) -> tuple[Approval, CallerProof] | None:
    """What this browser may answer, and what its answer proves."""
    half, at = sign_in.half_sign_in(request), timezone.now()
    user = half.user if half else _signed_in(request)
    # A trusted browser is what a thief of it has as well: it adds nothing to the password.
    by_code = half is None and people.code_device(request) is not None
    linked = _linked(request)
    waiting = approvals.pending(user, at=at).first() if user else None
    if linked is None or (waiting and not approvals.is_open(linked, at=at)):
        proof = CallerProof.SIGNED_IN if by_code else CallerProof.PASSWORD
        return (waiting, proof) if waiting else None
    if user is None or user.pk != linked.user_id:
        return linked, CallerProof.LINK
    return linked, CallerProof.SIGNED_IN if by_code else CallerProof.LINK_AND_PASSWORD


def _linked(request: HttpRequest) -> Approval | None:
    kept = request.session.get(_KEY)
    rows = Approval.objects.select_related("user", "operator")
    return rows.filter(pk=UUID(kept)).first() if kept else None


def _signed_in(request: HttpRequest) -> User | None:
    """By everything there is: a session by password alone is none where there is a factor."""
    user = request.user
    if not isinstance(user, User) or sign_in.access(request) is not Access.EVERYTHING:
        return None
    return user if getattr(user, "otp_device", None) is not None else None


def _page(request: HttpRequest, approval: Approval) -> HttpResponse:
    context = {
        "approval": approval,
        "act": OperatorAct(approval.act).label,
        "service": SERVICE_NAME(),
        "operator": approvals.operator_name(approval),
        "is_open": approvals.is_open(approval, at=timezone.now()),
    }
    return render(request, "twofa/approval.html", context)


def _nothing(request: HttpRequest) -> HttpResponse:
    """The same for a link that never was, and for one of somebody else."""
    return render(request, "twofa/approval_over.html", status=404)
