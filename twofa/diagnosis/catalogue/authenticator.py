"""Causes that lie with the authenticator app, its clock, or ours."""

from django.utils.translation import gettext_lazy as _

from twofa.diagnosis.catalogue.entry import OURS, Entry
from twofa.diagnosis.vocabulary import Action, CauseId, Owner, Reach

AUTHENTICATOR = (
    Entry(
        CauseId.CLOCK_SKEW,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("The phone's clock is off"),
        holds=_("Refused codes match the key at a steady offset outside the window."),
        summary=_("The phone's clock is %(offset)s %(direction)s; refused codes fit: %(count)s."),
        after=_(
            "Your phone's clock is %(offset)s %(direction)s. Switch on automatic date and time in "
            "its settings, then use the next code."
        ),
        actions=(Action.TELL, Action.RESYNCHRONISE),
    ),
    Entry(
        CauseId.CODE_LATE,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Code typed too late"),
        holds=_("Refused codes were right a minute or two before they were typed."),
        summary=_("The code was right, and typed about %(seconds)s s after its time was over."),
        after=_(
            "The code was right, but its half minute was over when it arrived here. Wait for a new "
            "one to appear in the app and type it at once."
        ),
        actions=(Action.TELL,),
    ),
    Entry(
        CauseId.CODE_REUSED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Code used before"),
        holds=_("The refused code is one that was accepted already."),
        summary=_("The code typed at %(at)s was used already; each works once."),
        after=_("That code was used already. Wait until the app shows the next one, and use that."),
        actions=(Action.TELL,),
    ),
    Entry(
        CauseId.WRONG_SEED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("The app holds another key"),
        holds=_(
            "Several codes of the right form fit nowhere, from a browser the client used before: "
            "the app was reinstalled or lost, or an old entry is used."
        ),
        summary=_(
            "%(count)s codes fit no time at all: the app does not hold this account's key. %(hint)s"
        ),
        after=_(
            "The codes come from another entry than the one we know. Look in the app for a second "
            "entry with our name; if there is none, we set it up anew together."
        ),
        actions=(Action.DISABLE_AUTHENTICATOR, Action.TELL),
    ),
    Entry(
        CauseId.SERVER_CLOCK,
        Owner.PLATFORM,
        Reach.ROUTE,
        title=_("Our own clock is off"),
        holds=_("Our clock differs from independent clocks by more than 10 s."),
        summary=_("Our own clock is %(offset)s %(direction)s against %(against)s."),
        before=OURS,
        after=_("The fault is ours, since %(since)s. %(meanwhile)s"),
        actions=(Action.FIX_TIME, Action.TELL),
    ),
)
