"""The closed vocabulary of factors, challenges and codes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FactorKind(models.TextChoices):
    AUTHENTICATOR = "authenticator", _("Google Authenticator")
    SMS = "sms", _("SMS confirmation")
    RECOVERY = "recovery", _("Recovery code")


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


class SendOutcome(models.TextChoices):
    QUEUED = "queued", _("queued")
    COOLDOWN = "cooldown", _("asked again too soon")
    CAP_NUMBER = "cap_number", _("too many to this number")
    CAP_ADDRESS = "cap_address", _("too many from this address")
    CAP_PREFIX = "cap_prefix", _("too many to similar numbers")
    COUNTRY_CLOSED = "country_closed", _("country not served")
    METHOD_OFF = "method_off", _("SMS confirmation is switched off")
    LOCKED = "locked", _("locked after wrong codes")
    NUMBER_REFUSED = "number_refused", _("not a mobile number")
