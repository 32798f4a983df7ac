"""Causes that lie with the client's account, and with how the sign-in went."""

from django.utils.translation import gettext_lazy as _

from twofa.diagnosis.catalogue.entry import OURS, TOGETHER, Entry
from twofa.diagnosis.vocabulary import Action, CauseId, Owner, Reach

ACCOUNT = (
    Entry(
        CauseId.CLIENT_INACTIVE,
        Owner.OPERATOR,
        Reach.ACCOUNT,
        title=_("Account not active"),
        holds=_("The account is not active."),
        summary=_("The account is %(status)s: nobody can sign in to it."),
        after=_("This account is not active. I will find out why and what we can do."),
        actions=(Action.OPEN_CLIENT, Action.TELL),
    ),
    Entry(
        CauseId.CLIENT_BLOCKED,
        Owner.OPERATOR,
        Reach.ACCOUNT,
        title=_("Sign-in blocked"),
        holds=_("Sign-in is blocked by an operator, or after wrong passwords."),
        summary=_("Sign-in is blocked %(by)s, %(until)s."),
        after=_("Sign-in to your account is stopped for now. I will see to it."),
        actions=(Action.UNBLOCK, Action.OPEN_CLIENT, Action.TELL),
    ),
    Entry(
        CauseId.NEVER_ASKED,
        Owner.CLIENT,
        Reach.ACCOUNT,
        title=_("No code was asked for"),
        holds=_(
            "No code was asked for since the last sign-in: a wrong password, a sign-in that was "
            "left, or another account with this phone."
        ),
        summary=_("No code was asked for: %(why)s."),
        after=_(
            "No code has been asked for, so none was sent. Please start again at the sign-in page, "
            "with your e-mail %(email)s and your password."
        ),
        actions=(Action.TELL,),
        before=TOGETHER,
    ),
    Entry(
        CauseId.NOT_ENABLED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("No second factor"),
        holds=_("No second factor is enabled."),
        summary=_("No second factor is enabled, so no code is ever asked for. %(policy)s"),
        after=_(
            "Your account has no second step yet, so no code is sent. Sign in with your password "
            "and enable one under Profile, Security."
        ),
        actions=(Action.TELL,),
        before=TOGETHER,
    ),
    Entry(
        CauseId.ENROLMENT_UNFINISHED,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("Enabling was not finished"),
        holds=_("A factor was begun and never confirmed with a code."),
        summary=_(
            "%(factor)s was begun (%(begun)s) and never confirmed; wrong codes meanwhile: "
            "%(wrong)s."
        ),
        after=_("Your second step was begun, but not finished with a code. %(told)s"),
        actions=(Action.TELL, Action.DISABLE_AUTHENTICATOR),
    ),
    Entry(
        CauseId.METHOD_OFF,
        Owner.OPERATOR,
        Reach.ROUTE,
        title=_("Method switched off"),
        holds=_("The client's only factor is a method that is switched off in the settings."),
        summary=_("%(factor)s is switched off in System > Settings, and the client has no other."),
        before=OURS,
        after=_("The fault is ours: this way of signing in is switched off. %(meanwhile)s"),
        actions=(Action.OPEN_SETTINGS, Action.TELL),
    ),
    Entry(
        CauseId.LOCKED,
        Owner.CLIENT,
        Reach.ACCOUNT,
        title=_("Locked after wrong codes"),
        holds=_("Too many wrong codes in a row; the lock ends by itself."),
        summary=_("Locked until %(until)s after %(failures)s wrong codes in a row, %(whence)s."),
        after=_(
            "Several codes were wrong, so the account waits until %(until)s. Until then even a "
            "right code is refused; I can end the wait for you."
        ),
        actions=(Action.UNLOCK, Action.TELL),
    ),
    Entry(
        CauseId.HARD_LOCKED,
        Owner.CLIENT,
        Reach.ACCOUNT,
        title=_("Locked without an end"),
        holds=_("Ten wrong codes without a right one; this lock does not end by itself."),
        summary=_(
            "Locked since %(since)s after %(failures)s wrong codes without a right one, "
            "%(whence)s. It does not end by itself."
        ),
        after=_(
            "Many codes were wrong, so the account is locked. Once I am sure that it is you I can "
            "unlock it; a recovery code unlocks it as well."
        ),
        actions=(Action.UNLOCK, Action.TELL),
    ),
    Entry(
        CauseId.FOREIGN_ATTEMPTS,
        Owner.UNKNOWN,
        Reach.ACCOUNT,
        title=_("Wrong codes by somebody else"),
        holds=_("The wrong codes come from browsers and addresses the client never used."),
        summary=_(
            "%(count)s wrong codes came from a browser and an address that this client never used: "
            "somebody else may know the password."
        ),
        after=_(
            "There were attempts to sign in to your account from somewhere you have not used "
            "before. Please choose a new password now; I end all other sessions."
        ),
        actions=(Action.END_SESSIONS, Action.TELL),
    ),
    Entry(
        CauseId.UNREADABLE,
        Owner.PLATFORM,
        Reach.METHOD,
        title=_("Stored data cannot be read"),
        holds=_(
            "A code could not be compared: what it is compared with cannot be decrypted, since a "
            "key is missing or the row is damaged."
        ),
        summary=_(
            "The code typed at %(at)s could not be checked: what we stored cannot be decrypted. A "
            "key of DATA_KEYS is missing, or the row is damaged."
        ),
        before=OURS,
        after=_("The fault is ours, since %(since)s. %(meanwhile)s"),
        actions=(Action.RESTORE_KEY, Action.TELL),
    ),
    Entry(
        CauseId.OTHER_METHOD,
        Owner.CLIENT,
        Reach.METHOD,
        title=_("The other method was asked for"),
        holds=_("Sign-in asked for one factor while the client used, or waits for, the other."),
        summary=_("Sign-in asked for %(asked)s%(used)s."),
        after=_(
            "%(told)s Choose “Sign in another way” on that page to pick the one you have at hand."
        ),
        actions=(Action.TELL,),
    ),
)
