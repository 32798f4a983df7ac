"""Which factor sign-in asks for first: the client's own choice.

It opens and closes nothing, since whoever has the password may ask for any factor that is on. Still
it is a change, and asks for a fresh second factor as each does. It is logged, and stands in the
client's activity; no e-mail is sent about it.
"""

from django.db import transaction
from django.http import HttpRequest

from backoffice.audit import log
from twofa import factor_facts, log_actions, people, step_up
from twofa.models import VerificationState
from twofa.vocabulary import FactorKind


class NotEnabled(Exception):
    """Only a factor that is on can be preferred."""


def prefer(request: HttpRequest, kind: FactorKind | None) -> None:
    """None: the one used last comes first. `step_up.NotFresh` without a fresh step-up."""
    user = people.signed_in(request)
    with transaction.atomic():
        step_up.hold_fresh(request)
        if kind is not None and kind not in factor_facts.enabled(user):
            raise NotEnabled
        chosen = kind.value if kind else ""
        changed = VerificationState.objects.filter(user=user).exclude(preferred_factor=chosen)
        if changed.update(preferred_factor=chosen):
            log.record(
                log_actions.FACTOR_PREFERRED,
                actor=log_actions.actor(user),
                subject=log_actions.subject(user),
                facts={"factor": chosen},
            )
