"""The closed vocabulary of factors, challenges and codes."""

from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _


class FactorKind(models.TextChoices):
    AUTHENTICATOR = "authenticator", _("Google Authenticator")
    SMS = "sms", _("SMS confirmation")
    RECOVERY = "recovery", _("Recovery code")
    TEMPORARY = "temporary", _("Code from support")


# What a client can enable; recovery codes are their spare, never a factor alone.
MAIN_FACTORS = (FactorKind.AUTHENTICATOR, FactorKind.SMS)


# What counts for the account's own lock; they are no method that System > Settings switches off.
SPARE_FACTORS = frozenset({FactorKind.RECOVERY, FactorKind.TEMPORARY})


class Purpose(models.TextChoices):
    """What a code is for; it works for nothing else."""

    SIGN_IN = "sign_in", _("sign in")
    ENROL = "enrol", _("enable a factor")
    STEP_UP = "step_up", _("confirm a change")
    OPERATOR_ACT = "operator_act", _("confirm an operator's act")


class CodeOutcome(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    INCORRECT = "incorrect", _("incorrect")
    EXPIRED = "expired", _("expired")
    REUSED = "reused", _("already used")
    SUPERSEDED = "superseded", _("an older code")
    LOCKED = "locked", _("refused while locked")
    MALFORMED = "malformed", _("not six digits")
    NO_CHALLENGE = "no_challenge", _("no code was asked for")
    METHOD_OFF = "method_off", _("the method is switched off")
    # Our own fault: the seed or code cannot be decrypted. Refused, and not counted.
    UNCHECKED = "unchecked", _("could not be checked")


class Malformed(Enum):
    """Why what was typed cannot be a code at all. Such a try is refused and not counted."""

    EMPTY = "empty"
    NOT_DIGITS = "not_digits"
    TOO_FEW = "too_few"
    TOO_MANY = "too_many"


class SendOutcome(models.TextChoices):
    """What came of asking for a code by SMS, in the operator's words."""

    QUEUED = "queued", _("queued")
    COOLDOWN = "cooldown", _("asked again too soon")
    CAP_NUMBER = "cap_number", _("too many to this number")
    CAP_ACCOUNT = "cap_account", _("too many for this account")
    CAP_ADDRESS = "cap_address", _("too many from this address")
    CAP_PREFIX = "cap_prefix", _("too many to similar numbers")
    SPEND_COUNTRY = "spend_country", _("the hour's money for this country is spent")
    SPEND_ALL = "spend_all", _("the hour's money is spent")
    PREFIX_PAUSED = "prefix_paused", _("similar numbers are paused: few codes are typed")
    COUNTRY_PAUSED = "country_paused", _("the country is paused: few codes are typed")
    FRAUD_HOLD = "fraud_hold", _("similar numbers are held: a provider suspects fraud")
    COUNTRY_CLOSED = "country_closed", _("country not served")
    METHOD_OFF = "method_off", _("the method is switched off")
    LOCKED = "locked", _("locked after wrong codes")
    NUMBER_REFUSED = "number_refused", _("not a valid number")
    LANDLINE = "landline", _("a landline, which takes no SMS")
    NO_NUMBER = "no_number", _("no number to send to")


class Delivery(Enum):
    """How far the message with the code got, as the client is told it."""

    WAITING = "waiting"  # in our queue, just now
    DELAYED = "delayed"  # longer than it should: in our queue, or at the provider
    SENDING = "sending"  # a provider is being called
    UNCONFIRMED = "unconfirmed"  # no provider said whether it has it; nothing more is sent
    HANDED_OVER = "handed_over"  # the provider or the network has it; no receipt
    DELIVERED = "delivered"  # only ever with a receipt
    NOT_DELIVERED = "not_delivered"  # see `Trouble`


class Trouble(Enum):
    """Why a code was not delivered, in the five ways that a client can do something about."""

    NUMBER = "number"  # invalid, unknown, or one that takes no SMS
    UNREACHABLE = "unreachable"  # phone off, no signal, roaming
    OPTED_OUT = "opted_out"  # replied STOP to our sender
    NETWORK = "network"  # the mobile network did not take it
    OURS = "ours"  # the provider or we: nothing that the client did


class OperatorAct(models.TextChoices):
    """What an operator does for a caller, in words that the client reads too."""

    DISABLE_AUTHENTICATOR = "disable_authenticator", _("Disable Google Authenticator")
    DISABLE_SMS = "disable_sms", _("Disable SMS confirmation")
    UNLOCK = "unlock", _("Take codes again after too many wrong ones")
    TEMPORARY_CODE = "temporary_code", _("Give out a code that signs in once")
    RESYNCHRONISE = "resynchronise", _("Set the clock of the authenticator app right")
    TEST_MESSAGE = "test_message", _("Send a test message")


# Whoever gets one of these done in another's name is in: the proof must be of this very act.
GRAVE_ACTS = frozenset(
    {OperatorAct.DISABLE_AUTHENTICATOR, OperatorAct.DISABLE_SMS, OperatorAct.TEMPORARY_CODE}
)


class CallerProof(models.TextChoices):
    """How an operator knows who calls, the strongest first."""

    PIN = "pin", _("support PIN from a signed-in session")
    SIGNED_IN = "signed_in", _("approved while signed in")
    LINK_AND_PASSWORD = "link_password", _("approved by e-mail link and password")
    LINK = "link", _("approved by e-mail link alone")
    # What a swindler has who asks for a reset.
    PASSWORD = "password", _("approved with the password alone")
