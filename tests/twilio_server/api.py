"""From a request to what is done about it: strictness, the behaviour, the answer."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from . import resources, routes, sending
from .behaviours import Answer, Behaviour
from .errors import Refusal
from .exchange import Reply, Request
from .messages import Message
from .routes import Endpoint, Route
from .state import State

if TYPE_CHECKING:
    from .description import Description

_FORMS = {Endpoint.SEND: sending.PARAMETERS, Endpoint.FEEDBACK: frozenset({"Outcome"})}


@dataclass(frozen=True, slots=True)
class Turn:
    """What the transport shall do: write `reply` (None: never) in the manner of `behaviour`.

    `accepted` is the message that a send made, whose life has to begin.
    """

    behaviour: Behaviour
    reply: Reply | None
    accepted: Message | None = None


class Api:
    """Stateless but for the description: the state of the day comes with each request."""

    def __init__(self, description: "Description | None") -> None:
        self._description = description

    def take(self, state: State, request: Request) -> Turn:
        """Record the request and decide. Faults win over refusals, as an outage would."""
        state.record_request(request)
        try:
            route = routes.find(request.method, request.path)
        except Refusal as refusal:
            return Turn(Behaviour(), self._refused(state, request, refusal))
        behaviour = state.modes.choose(route.endpoint, request.form)
        accepted: Message | None = None
        try:
            self._demand(state, route, request)
            if behaviour.accepts:
                true_reply, accepted = self._answer(state, route, request)
            else:
                true_reply = None
        except Refusal as refusal:
            true_reply = self._refused(state, request, refusal)
        return Turn(behaviour, _disguised(true_reply, behaviour), accepted)

    def _demand(self, state: State, route: Route, request: Request) -> None:
        """What holds for every endpoint, in the order in which Twilio notices it."""
        state.account.authenticate(request)
        if route.ids.get("account", state.account.sid) != state.account.sid:
            raise Refusal(20404, f"The requested resource {request.path} was not found")
        problems = self._described_problems(state, request)
        _demand_known_parameters(route, request)
        if problems:
            raise _first_rule_broken(state, route, request) or Refusal(20001, problems[0])

    def _described_problems(self, state: State, request: Request) -> Sequence[str]:
        if self._description is None:
            return ()
        problems = self._description.problems_of_request(request)
        for problem in problems:
            state.record_violation("request", request, problem)
        return problems

    def _answer(self, state: State, route: Route, request: Request) -> tuple[Reply, Message | None]:
        accepted = None
        if route.endpoint is Endpoint.SEND:
            accepted = sending.accept(request.form, state.account)
            state.demand_rate()
            state.accept(accepted)
            reply = Reply.of(accepted.as_json(), status=HTTPStatus.CREATED)
        else:
            reply = resources.ANSWERS[route.endpoint](state, route, request)
        if self._description is not None:
            for problem in self._description.problems_of_answer(request, reply):
                state.record_violation("answer", request, problem)
        return reply, accepted

    def _refused(self, state: State, request: Request, refusal: Refusal) -> Reply:
        if refusal.misuse:
            state.record_violation("request", request, str(refusal))
        reply = Reply.of(refusal.as_json(), status=refusal.status)
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            reply = replace(reply, headers={"WWW-Authenticate": 'Basic realm="Twilio API"'})
        return reply


def _demand_known_parameters(route: Route, request: Request) -> None:
    if request.method == "POST" and not request.is_form:
        raise Refusal(19056, misuse=True)
    given = request.query.keys() | request.form.keys()
    allowed = _FORMS.get(route.endpoint, frozenset()) if request.method == "POST" else frozenset()
    allowed |= resources.QUERIES.get(route.endpoint, frozenset())
    if unknown := sorted(given - allowed):
        raise Refusal(20001, f"Unknown parameters: {', '.join(unknown)}", misuse=True)
    if request.repeated:
        raise Refusal(20001, f"Repeated: {', '.join(sorted(request.repeated))}", misuse=True)
    for name in ("Page", "PageSize"):
        if not request.query.get(name, "1").isdecimal():
            raise Refusal(20001, f"{name} must be a number", misuse=True)


def _first_rule_broken(state: State, route: Route, request: Request) -> Refusal | None:
    """Twilio's own code for what the description found, where there is one."""
    if route.endpoint is Endpoint.SEND:
        try:
            sending.accept(request.form, state.account)
        except Refusal as refusal:
            return refusal
    return None


def _disguised(reply: Reply | None, behaviour: Behaviour) -> Reply | None:
    """The answer that the behaviour puts in the place of the true one."""
    match behaviour.answer:
        case Answer.ERROR:
            refusal = Refusal(behaviour.code or 20500)
            return Reply.of(refusal.as_json(), status=refusal.status)
        case Answer.HTTP:
            page = f"<html><body><h1>{behaviour.status}</h1></body></html>"
            return Reply(behaviour.status or 502, page.encode(), "text/html")
        case Answer.EMPTY if reply is None or reply.status < HTTPStatus.MULTIPLE_CHOICES:
            return Reply(reply.status if reply else HTTPStatus.CREATED, json.dumps({}).encode())
        case Answer.HANG | Answer.REFUSE:
            return None
    return reply
