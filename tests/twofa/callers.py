"""Operators and callers: who is identified how, and codes of a clock that is off."""

import re

from django.core import mail
from django.utils import timezone

from clients.models import User
from tests.twofa import people
from tests.twofa.people import BINDING, app_code
from twofa import approvals, caller_checks, resynchronising, tasks
from twofa.models import Approval, Authenticator, Notice, Resynchronisation
from twofa.results import Verified
from twofa.vocabulary import CallerProof, OperatorAct, Purpose


def support(email: str = "support@example.com") -> User:
    return people.operator(email, group="Support")


def identified(user: User, operator: User, proof: CallerProof = CallerProof.PIN) -> None:
    caller_checks.note(user, operator, proof, at=timezone.now())


def allowed(user: User, operator: User | None = None) -> Resynchronisation:
    done = resynchronising.allow(
        user, operator=operator or people.operator("sync@example.com"), reason="Clock is off"
    )
    assert isinstance(done, Resynchronisation), done
    return done


def two_codes(device: Authenticator, *, drift: int) -> tuple[str, str]:
    """As the app shows them whose clock is so many steps ahead: the second one is there now."""
    return app_code(device, steps=drift - 1), app_code(device, steps=drift)


def try_two(user: User, first: str, second: str, *, binding: str = BINDING) -> str:
    """What came of it: the outcome's word, "accepted" too."""
    result = resynchronising.resynchronise(
        user, purpose=Purpose.SIGN_IN, binding=binding, first=first, second=second
    )
    return "accepted" if isinstance(result, Verified) else str(result.outcome)


def asked_to_approve(
    user: User, operator: User, act: OperatorAct = OperatorAct.DISABLE_SMS, *, ticket: str = "T-7"
) -> tuple[Approval, str]:
    """The approval, and the path of the link in the e-mail."""
    approval = approvals.ask(user, act, operator=operator, ticket=ticket)
    assert isinstance(approval, Approval), approval
    notice = Notice.objects.filter(user=user, kind="approval_asked").latest("id")
    tasks.send_notice(str(notice.pk))
    found = re.search(r"https?://[^/\s]+(/approve/\S+/)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return approval, found[1]
