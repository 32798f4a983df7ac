"""The settings of a gateway, read: what the form has found right is here ready for use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from smsproviders.backends.generic_http import errors, headers, statuses, success, templates
from smsproviders.backends.generic_http.errors import ErrorMap
from smsproviders.backends.generic_http.headers import Auth
from smsproviders.backends.generic_http.paths import JsonPath, parse_path
from smsproviders.backends.generic_http.statuses import StatusMap


class BodyKind(StrEnum):
    JSON = "json"
    FORM = "form"
    QUERY = "query"


class Proof(StrEnum):
    """How a report proves that it comes from the gateway."""

    HMAC = "hmac"
    TOKEN = "token"  # noqa: S105 - the name of a kind


@dataclass(frozen=True, slots=True)
class Sending:
    url: str
    method: str
    body_kind: BodyKind
    template: templates.Template
    headers: Mapping[str, str]
    auth: Auth
    username: str
    auth_header: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answers:
    statuses: frozenset[int]
    condition: success.Condition | None
    message_id: JsonPath | None  # None: the message is known by our own id
    error_code: JsonPath | None
    errors: ErrorMap
    price: JsonPath | None
    segments: JsonPath | None
    currency: str


@dataclass(frozen=True, slots=True)
class Balance:
    url: str
    path: JsonPath | None
    currency: str


@dataclass(frozen=True, slots=True)
class Reports:
    proof: Proof
    header: str
    secrets: tuple[str, ...] = field(repr=False)
    listed_at: JsonPath | None
    message_id: JsonPath
    # The gateway tells no id of its own, and repeats ours in its place.
    ids_are_ours: bool
    own_id: JsonPath | None
    status: JsonPath
    error_code: JsonPath | None
    statuses: StatusMap


def sending(given: Mapping[str, Any]) -> Sending:
    kind = BodyKind(given["body_kind"])
    return Sending(
        url=given["url"],
        method=given["method"],
        body_kind=kind,
        template=parse_template(given["template"], kind),
        headers=headers.parse(given.get("headers") or ""),
        auth=Auth(given["auth"]),
        username=given.get("username") or "",
        auth_header=given.get("auth_header") or "",
        secret=given.get("secret") or "",
    )


def answers(given: Mapping[str, Any]) -> Answers:
    return Answers(
        statuses=success.parse_statuses(given["success_statuses"]),
        condition=success.parse_condition(given.get("success_when") or ""),
        message_id=_path(given, "id_path"),
        error_code=_path(given, "error_path"),
        errors=errors.parse_map(given.get("error_map") or ""),
        price=_path(given, "price_path"),
        segments=_path(given, "segments_path"),
        currency=given.get("currency") or "",
    )


def balance(given: Mapping[str, Any]) -> Balance:
    return Balance(
        url=given.get("balance_url") or "",
        path=_path(given, "balance_path"),
        currency=given.get("currency") or "",
    )


def reports(given: Mapping[str, Any]) -> Reports:
    secrets = (given.get("webhook_secret"), given.get("previous_webhook_secret"))
    return Reports(
        proof=Proof(given["report_proof"]),
        header=given["report_header"],
        secrets=tuple(filter(None, secrets)),
        listed_at=_path(given, "report_list_path"),
        message_id=parse_path(given["report_id_path"]),
        ids_are_ours=not given.get("id_path"),
        own_id=_path(given, "report_own_id_path"),
        status=parse_path(given["report_status_path"]),
        error_code=_path(given, "report_error_path"),
        statuses=statuses.parse_map(given["status_map"]),
    )


def parse_template(text: str, kind: BodyKind) -> templates.Template:
    return templates.of_json(text) if kind is BodyKind.JSON else templates.of_lines(text)


def _path(given: Mapping[str, Any], name: str) -> JsonPath | None:
    return parse_path(given[name]) if given.get(name) else None
