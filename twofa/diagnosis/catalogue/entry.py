"""One row of the catalogue: everything that is said of a cause, wherever it is said."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from twofa.diagnosis.vocabulary import Action, CauseId, Owner, Reach

Words = str | Promise

# Said before the caller is identified. None gives away a lock, a factor, a number or a clock.
MAKE_SURE = _("I can see the problem. First I must make sure that it is you.")
OURS = _(
    "There is a fault on our side. First I must make sure that it is you; then I can tell you how "
    "to sign in meanwhile."
)
TOGETHER = _(
    "I do not see a fault from here. First I must make sure that it is you; then we go through it "
    "together."
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`summary`, `holds` and `after` may hold %(name)s; a finding's check gives the values.

    - `summary`: one sentence for the operator, of this client, now.
    - `holds`: when it holds, for the reference.
    - `before`, `after`: what to tell the client before and after he is identified.
    """

    cause: CauseId
    owner: Owner
    reach: Reach
    title: Words
    holds: Words
    summary: Words
    after: Words
    actions: tuple[Action, ...]
    before: Words = MAKE_SURE
