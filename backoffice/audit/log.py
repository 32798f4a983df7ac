"""Writing to the log. Call it inside the transaction of the change: both stand, or neither."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from backoffice.audit import personal
from backoffice.audit.models import ActorKind, AuditEvent, Outcome
from backoffice.common import request_context
from backoffice.common.identifiers import uuid7
from backoffice.common.ready_queries import ReadyInsert

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Action:
    """A kind of event: its fixed key, and the words that people read."""

    key: str
    words: Words


@dataclass(frozen=True, slots=True)
class Actor:
    kind: ActorKind
    id: str = ""


SYSTEM = Actor(ActorKind.SYSTEM)
ANYONE = Actor(ActorKind.ANYONE)

_actions: dict[str, Action] = {}
_insert = ReadyInsert(AuditEvent)


def action(key: str, words: Words) -> Action:
    """Register a kind of event; apps do so once, when they are imported."""
    if key in _actions:
        raise ValueError(f"the action {key} is registered twice")
    _actions[key] = Action(key, words)
    return _actions[key]


def words_of(key: str) -> Words:
    known = _actions.get(key)
    return known.words if known else key


def actions() -> list[Action]:
    return sorted(_actions.values(), key=lambda known: known.key)


def record(
    what: Action,
    *,
    actor: Actor,
    subject: str = "",
    outcome: Outcome = Outcome.DONE,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
    personal_details: Mapping[str, str] | None = None,
) -> AuditEvent:
    """Append one event.

    `subject` is an opaque id such as `user:0199…`. `facts` hold nothing personal and no secret:
    numbers, keys, states. `reason` and `personal_details` are encrypted with the subject's key,
    together with the address and browser of the present request.
    """
    context = request_context.current()
    event_id = uuid7()
    details = {
        "reason": reason,
        "address": context.address,
        "browser": context.browser,
        **(personal_details or {}),
    }
    event = AuditEvent(
        id=event_id,
        action=what.key,
        outcome=outcome,
        actor_kind=actor.kind,
        actor_id=actor.id,
        subject=subject,
        facts=dict(facts or {}),
        personal=personal.seal(details, subject=subject, event_id=event_id),
        request_id=context.request_id,
    )
    _insert(event)
    return event
