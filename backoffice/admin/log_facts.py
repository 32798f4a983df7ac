"""The facts of an event in words: what is empty is left out, what has a name is called by it."""

import json
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.verdict_words import NOTHING_WRONG
from backoffice.audit.models import AuditEvent
from smsproviders.models import IncidentKind, PauseReason, RouteScope
from smsproviders.vocabulary import CheckKind, CheckResult, ConditionKind
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.findings import OK
from twofa.models import Approval
from twofa.models.reset import ResetScope
from twofa.models.trusted_browser import TrustedBrowser, TrustEnd
from twofa.vocabulary import (
    CallerProof,
    CodeOutcome,
    FactorKind,
    OperatorAct,
    Purpose,
    SendOutcome,
)

# Of the facts that hold a value of a closed vocabulary; a value of none of them stays as it is.
WORDS: dict[str, dict[str, str | Promise]] = {
    "factor": {**dict(FactorKind.choices), TrustedBrowser.kind: gettext_lazy("Trusted browser")},
    "kind": dict(ConditionKind.choices),
    "by": dict(FactorKind.choices),
    "act": dict(OperatorAct.choices),
    "why": dict(TrustEnd.choices),
    "proof": dict(CallerProof.choices),
    "answer": dict(Approval.Answer.choices),
    "scope": dict([*ResetScope.choices, *RouteScope.choices]),
    "pause_reason": dict(PauseReason.choices),
    "incident_kind": dict(IncidentKind.choices),
    "purpose": dict(Purpose.choices),
    "verdict": {OK: NOTHING_WRONG, **{str(key): entry.title for key, entry in CATALOGUE.items()}},
    "outcome": dict([*SendOutcome.choices, *CodeOutcome.choices]),
    **{kind: dict(CheckResult.choices) for kind in CheckKind.values},
}


def facts_of(event: AuditEvent) -> list[tuple[str, str]]:
    told = ((name, _in_words(name, value)) for name, value in event.facts.items())
    return [(name.replace("_", " "), words) for name, words in told if words]


def _in_words(name: str, value: Any) -> str:
    """ "" for an empty value; zero and no are answers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return str(WORDS.get(name, {}).get(value, value))
    if isinstance(value, list):
        return ", ".join(filter(None, (_in_words(name, one) for one in value)))
    return json.dumps(value, ensure_ascii=False) if value != {} else ""
