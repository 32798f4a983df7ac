from smsproviders.models.breaker import EVERY_COUNTRY, Breaker
from smsproviders.models.clock import ClockReading
from smsproviders.models.health import ProviderCondition, ProviderTally
from smsproviders.models.heartbeat import Heartbeat
from smsproviders.models.incident import (
    HitOutcome,
    Incident,
    IncidentKind,
    IncidentMinute,
    IncidentNumber,
    IncidentOwner,
)
from smsproviders.models.message import DeliveryReport, SmsAttempt, SmsMessage
from smsproviders.models.pause import EVERYWHERE, PauseReason, RoutePause, RouteScope
from smsproviders.models.provider import ProviderCheck, SmsProvider
from smsproviders.models.purge_mark import PurgeMark
from smsproviders.models.sandbox import SandboxMessage
from smsproviders.models.spend import CountryPrice, SpendMinute
from smsproviders.models.template import SmsTemplate

__all__ = [
    "EVERYWHERE",
    "EVERY_COUNTRY",
    "Breaker",
    "ClockReading",
    "CountryPrice",
    "DeliveryReport",
    "Heartbeat",
    "HitOutcome",
    "Incident",
    "IncidentKind",
    "IncidentMinute",
    "IncidentNumber",
    "IncidentOwner",
    "PauseReason",
    "ProviderCheck",
    "ProviderCondition",
    "ProviderTally",
    "PurgeMark",
    "RoutePause",
    "RouteScope",
    "SandboxMessage",
    "SmsAttempt",
    "SmsMessage",
    "SmsProvider",
    "SmsTemplate",
    "SpendMinute",
]
