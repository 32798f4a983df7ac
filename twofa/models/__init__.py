from twofa.models.caller import Approval, CallerCheck, SupportPin
from twofa.models.challenge import Challenge, CodeAttempt, SendRequest, VerificationState
from twofa.models.code_tally import CodeTally
from twofa.models.desk_request import DeskRequest
from twofa.models.factors import Authenticator, RecoveryCode, RecoveryCodes, SmsConfirmation
from twofa.models.notice import Notice
from twofa.models.reset import Reset
from twofa.models.resynchronisation import Resynchronisation
from twofa.models.support_request import (
    SupportRequest,
    SupportRequestLink,
    SupportRequestProof,
)
from twofa.models.temporary_code import TemporaryCode
from twofa.models.trusted_browser import TrustedBrowser
from twofa.models.verdict import VerdictOutcome, VerdictShown, VerdictTally

__all__ = [
    "Approval",
    "Authenticator",
    "CallerCheck",
    "Challenge",
    "CodeAttempt",
    "CodeTally",
    "DeskRequest",
    "Notice",
    "RecoveryCode",
    "RecoveryCodes",
    "Reset",
    "Resynchronisation",
    "SendRequest",
    "SmsConfirmation",
    "SupportPin",
    "SupportRequest",
    "SupportRequestLink",
    "SupportRequestProof",
    "TemporaryCode",
    "TrustedBrowser",
    "VerdictOutcome",
    "VerdictShown",
    "VerdictTally",
    "VerificationState",
]
