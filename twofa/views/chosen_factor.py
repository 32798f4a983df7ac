"""Which factor the present sign-in asks for: what was chosen just now, or what comes first."""

from collections.abc import Sequence

from django.http import HttpRequest

from twofa import sign_in
from twofa.results import SendRefused
from twofa.views.pages import tell
from twofa.views.refusals import box_for_send
from twofa.vocabulary import FactorKind, SendOutcome

_SESSION_KEY = "chosen_factor"


def of(request: HttpRequest, offered: Sequence[FactorKind]) -> FactorKind | None:
    """Of those that `factors.offered` names; None: a recovery code is the only way."""
    chosen = request.session.get(_SESSION_KEY)
    return next((kind for kind in offered if kind == chosen), offered[0] if offered else None)


def ask(request: HttpRequest, factor: FactorKind) -> None:
    """Choose it and ask for its code; a refusal is told on the next page. NoHalfSignIn."""
    request.session[_SESSION_KEY] = factor.value
    answer = sign_in.send(request, factor)
    # A lock is told by that page itself, for as long as it holds.
    if isinstance(answer, SendRefused) and answer.outcome is not SendOutcome.LOCKED:
        tell(request, box_for_send(answer))


def forget(request: HttpRequest) -> None:
    request.session.pop(_SESSION_KEY, None)
