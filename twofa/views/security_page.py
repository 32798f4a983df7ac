"""The frame of `Profile > Security`: who may see it, and a fresh second factor before a change."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views import View

from backoffice.policy.registry import Words
from clients import sessions
from clients.models import User
from twofa import sign_in, step_up
from twofa.sign_in import Access
from twofa.views import confirming
from twofa.views.pages import on_dispatch


@on_dispatch
class SecurityPage(View):
    """`while_enrolling`: also for somebody who must enable a factor before anything else."""

    section: ClassVar[str] = "security"
    while_enrolling: ClassVar[bool] = False
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        access = sign_in.access(request)
        if access is Access.NOTHING or not isinstance(request.user, User):
            return redirect(f"/sign-in/?{urlencode({'next': request.get_full_path()})}")
        if access is Access.ENROLMENT and not self.while_enrolling:
            messages.warning(request, _("First set up a second factor."))
            return redirect("twofa:security")
        self.user = request.user
        return super().dispatch(request, *args, **kwargs)

    def page(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        idle = sessions.idle_limit(self.user)
        given = {
            "section": self.section,
            "idle_minutes": idle // timedelta(minutes=1),
            # All that a page can promise: when a session was seen is written down so seldom.
            "idle_seconds": (idle - sessions.SEEN_EVERY) // timedelta(seconds=1),
            **context,
        }
        return render(self.request, template, given, status=status)


class ChangePage(SecurityPage):
    """A page with changes on it.

    `acts` names the fields or buttons that ask for a change and says in words what it is. The
    domain refuses a change that is not fresh; then the client confirms at the same address, and
    the change goes on with the same fields.
    """

    acts: ClassVar[dict[str, Words]] = {}
    # Fields that a change has beside the one that names it.
    kept_with_acts: ClassVar[tuple[str, ...]] = ()

    def post(self, request: HttpRequest) -> HttpResponse:
        if confirming.is_answer(request):
            answer = confirming.answer(self)
            if answer is not None:
                return answer
        try:
            return self.change(request)
        except step_up.NotFresh:
            return confirming.ask(self)

    def change(self, request: HttpRequest) -> HttpResponse:
        """Do what the form asks for; may raise `step_up.NotFresh` before anything changed."""
        raise NotImplementedError

    def asked_act(self) -> tuple[dict[str, str], Words]:
        """The fields to keep while the client confirms, and the words of the change."""
        posted = self.request.POST
        words: Words = next((self.acts[name] for name in self.acts if name in posted), "")
        names = (*self.acts, *self.kept_with_acts)
        return {name: posted[name] for name in names if name in posted}, words
