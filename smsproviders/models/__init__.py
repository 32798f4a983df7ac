from smsproviders.models.health import ProviderCondition, ProviderTally
from smsproviders.models.heartbeat import Heartbeat
from smsproviders.models.message import DeliveryReport, SmsAttempt, SmsMessage
from smsproviders.models.provider import ProviderCheck, SmsProvider
from smsproviders.models.sandbox import SandboxMessage
from smsproviders.models.template import SmsTemplate

__all__ = [
    "DeliveryReport",
    "Heartbeat",
    "ProviderCheck",
    "ProviderCondition",
    "ProviderTally",
    "SandboxMessage",
    "SmsAttempt",
    "SmsMessage",
    "SmsProvider",
    "SmsTemplate",
]
