from twofa.models.challenge import Challenge, CodeAttempt, SendRequest, VerificationState
from twofa.models.factors import Authenticator, RecoveryCode, RecoveryCodes, SmsConfirmation
from twofa.models.notice import Notice
from twofa.models.reset import Reset

__all__ = [
    "Authenticator",
    "Challenge",
    "CodeAttempt",
    "Notice",
    "RecoveryCode",
    "RecoveryCodes",
    "Reset",
    "SendRequest",
    "SmsConfirmation",
    "VerificationState",
]
