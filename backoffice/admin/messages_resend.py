"""*Send again* on a message's page: what is offered, and doing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from backoffice.admin.display import Words
from backoffice.admin.messages_rows import MESSAGE, MessageRow
from clients.models import User
from smsproviders import resending
from smsproviders.models import SmsMessage, SmsProvider
from twofa import resending as code_resending
from twofa.people import signed_in
from twofa.resending import Kept, NotSentAgain
from twofa.vocabulary import SendOutcome

UNKNOWN = UUID(int=0)
WHY_NOT = {
    NotSentAgain.NOT_ALLOWED: gettext_lazy("You may not send codes again."),
    NotSentAgain.NO_CODE: gettext_lazy("There is no code in this message to be sent again."),
    NotSentAgain.TYPED: gettext_lazy("Its code was typed: there is nothing to send again."),
    NotSentAgain.SUPERSEDED: gettext_lazy(
        "Its code does not count any more: a newer one was asked for, or the factor was changed."
    ),
    NotSentAgain.OVER: gettext_lazy(
        "The life of its code is over, or nearly. Let the client press Resend, which makes a "
        "new one."
    ),
    NotSentAgain.TOO_MANY: gettext_lazy(
        "You sent as many codes again as you may within an hour. Let the client press Resend."
    ),
    NotSentAgain.NO_SUCH_PROVIDER: gettext_lazy(
        "That provider does not send to this country now. Choose another one."
    ),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page offers. `why_not` "": it can be sent again, by `providers`."""

    why_not: Words
    until: datetime | None
    providers: Sequence[SmsProvider]
    preferred: UUID | None


def offer_of(row: MessageRow, operator: User) -> Offer | None:
    """None for what has no code in it, and for who may not send it again."""
    if row.challenge is None or not operator.has_perm(resending.RESEND):
        return None
    why = code_resending.obstacle(row.challenge, at=timezone.now())
    if why is not None:
        return Offer(WHY_NOT[why], None, (), None)
    preferred = resending.untried(row.message)
    return Offer(
        why_not="",
        until=row.challenge.expires_at,
        providers=resending.choices(row.message),
        preferred=preferred.pk if preferred else None,
    )


class SendAgain(View):
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        operator = signed_in(request)
        if not operator.has_perm("smsproviders.view_smsmessage"):
            raise PermissionDenied  # before anything is looked up: a refusal tells nothing
        message = get_object_or_404(SmsMessage.objects.defer("body"), pk=pk)
        done = code_resending.send_again(message, operator=operator, by=_key(request.POST))
        if isinstance(done, Kept):
            if done.why is NotSentAgain.NOT_ALLOWED:
                raise PermissionDenied
            messages.warning(request, why_not(done))
            return redirect(MESSAGE, message.pk)
        messages.success(request, _("The code is being sent again. This is the new message."))
        return redirect(MESSAGE, done.message.pk)


def why_not(kept: Kept) -> str:
    if isinstance(kept.why, NotSentAgain):
        return str(WHY_NOT[kept.why])
    reason = SendOutcome(kept.why).label
    if kept.allowed_from is None:
        return _("Not sent: %(reason)s.") % {"reason": reason}
    names = {"reason": reason, "time": f"{kept.allowed_from:%H:%M:%S}"}
    return _("Not sent: %(reason)s. It can be sent from %(time)s UTC on.") % names


def _key(posted: QueryDict) -> UUID | None:
    """The provider that was chosen; None: the route decides."""
    text = posted.get("by", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return UNKNOWN
