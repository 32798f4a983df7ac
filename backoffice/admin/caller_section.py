"""The caller, on a client's page: who is known to call, how to make sure, and what may be done."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from backoffice.admin.display import Words
from clients.models import Client, User
from twofa import (
    caller_facts,
    desk_requests,
    first_line,
    resets,
    resynchronising,
    support_pins,
    temporary_codes,
)
from twofa.caller_facts import CallerFacts
from twofa.models import DeskRequest
from twofa.policy_keys import REQUIRE_CALLER_CHECK
from twofa.results import Overview
from twofa.vocabulary import FactorKind, OperatorAct

TONES = {
    DeskRequest.State.OPEN: "warn",
    DeskRequest.State.DONE: "ok",
    DeskRequest.State.DECLINED: "bad",
}
_DISABLING = {
    FactorKind.AUTHENTICATOR: OperatorAct.DISABLE_AUTHENTICATOR,
    FactorKind.SMS: OperatorAct.DISABLE_SMS,
}


@dataclass(frozen=True, slots=True)
class RequestLine:
    asked: caller_facts.Asked
    words: Words
    tone: str


def facts_for(client: Client, operator: User) -> CallerFacts:
    """One query; none for who has nothing to do with callers."""
    if not operator.has_perm(support_pins.IDENTIFY):
        return caller_facts.NOTHING
    return caller_facts.of(client.user, operator)


def context(client: Client, operator: User, overview: Overview) -> dict[str, Any]:
    """Addresses, "" for what this operator may not do, or what makes no sense now."""
    user = client.user
    enabled = overview.enabled
    knows = support_pins.may_identify(operator, user)
    may_sync = resynchronising.may_allow(operator, user) and FactorKind.AUTHENTICATOR in enabled
    may_issue = temporary_codes.may_issue(operator, user) and bool(enabled)
    return {
        "identify_address": _address(client, "identify") if knows else "",
        "approval_address": _address(client, "approval") if knows else "",
        "resynchronise_address": _address(client, "resynchronise") if may_sync else "",
        "temporary_code_address": _address(client, "temporary_code") if may_issue else "",
        "ask_desk_address": _address(client, "ask_desk"),
        "to_ask": to_ask(operator, user, overview),
        "must_identify": REQUIRE_CALLER_CHECK() or first_line.is_first_line(operator),
    }


def to_ask(operator: User, user: User, overview: Overview) -> list[OperatorAct]:
    """What this operator may not do, and may ask the Security desk for."""
    if not desk_requests.may_ask(operator, user):
        return []
    hard = overview.lock is not None and overview.lock.is_hard
    acts = []
    if hard and not resets.may_unlock(operator, user, hard=True):
        acts.append(OperatorAct.UNLOCK)
    if not resets.may_disable(operator, user):
        acts += [act for kind, act in _DISABLING.items() if kind in overview.enabled]
    if overview.enabled and not temporary_codes.may_issue(operator, user) and not user.is_staff:
        acts.append(OperatorAct.TEMPORARY_CODE)
    return acts


def request_lines(found: CallerFacts) -> list[RequestLine]:
    return [
        RequestLine(asked, asked.state.label, TONES[asked.state])
        for asked in found.requests
        if asked.state is not None
    ]


def _address(client: Client, name: str) -> str:
    return reverse(f"admin:clients_client_{name}", args=[client.pk])
