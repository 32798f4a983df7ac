"""Why nothing was done, in words; and what a page of an act says of the caller."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import User
from twofa import caller_checks, first_line, lost_device_desk
from twofa.operator_acts import NotDone
from twofa.vocabulary import GRAVE_ACTS, OperatorAct

NOT_DONE = {
    NotDone.NOT_ALLOWED: _("You may not do this to this account. Nothing was changed."),
    NotDone.OWN_FACTOR: _("Your own second factor is changed under My sign-in."),
    NotDone.REASON_MISSING: _("A reason is missing. Nothing was changed."),
    NotDone.NOT_REQUESTED: _("The client must have asked for it. Nothing was changed."),
    NotDone.TOO_MANY: _(
        "You disabled too many factors within an hour. Nothing was changed; the security desk "
        "was told."
    ),
    NotDone.HELD: _(
        "An operator changed the client's e-mail or phone within a day. Nothing was changed."
    ),
    NotDone.CALLER_NOT_IDENTIFIED: _(
        "First make sure who calls: by support PIN, or by an approval of this very act."
    ),
    NotDone.DENIED_BY_CLIENT: _(
        "The client said within the last day: this was not me. Nothing is done for callers until "
        "the client reads out a support PIN."
    ),
    NotDone.PROOFS_MISSING: _(
        "The client's request about a lost device is open, and not every proof is ticked."
    ),
    NotDone.TOO_EARLY: _(
        "The client's request about a lost device is too young: the client must have time to say: "
        "this was not me."
    ),
    NotDone.HARD_LOCKED: _(
        "This lock has no end by itself: ask the Security desk. Nothing was changed."
    ),
    NotDone.DAILY_LIMIT: _(
        "You did as much for callers as you may within a day. Ask a colleague, or the Security "
        "desk. Nothing was changed."
    ),
    NotDone.ASKED_TOO_OFTEN: _(
        "You asked as often as one operator may within a day, so no e-mail was sent. Ask a "
        "colleague, or an administrator to raise the limit in System > Settings."
    ),
    NotDone.NOTHING_TO_DO: _("This was done already. Nothing was changed."),
}


def caller_note(operator: User, user: User, act: OperatorAct) -> dict[str, Any]:
    """For the page of that act: who is known to call, and what forbids the act, if anything."""
    of_caller = lost_device_desk.caller_obstacle if act in GRAVE_ACTS else caller_checks.obstacle
    found = of_caller(operator, user, act) or first_line.obstacle(operator, user, act)
    return {
        "caller_check": caller_checks.fresh(user, operator, at=timezone.now(), act=act),
        "caller_obstacle": NOT_DONE[found] if found else "",
        "caller_is_unknown": found is NotDone.CALLER_NOT_IDENTIFIED,
    }
