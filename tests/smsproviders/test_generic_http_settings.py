"""The form of a gateway: what it takes, and what it says beside which field."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from smsproviders.backends.generic_http import paths, success, templates
from smsproviders.backends.generic_http.errors import parse_map
from smsproviders.backends.generic_http.form import HttpForm
from smsproviders.backends.generic_http.retyping import secrets_to_retype
from smsproviders.contract import SmsBackend

GOOD = {"url": "https://gateway.example.com/messages", "secret": "token"}
SECRET = "a secret of the reports"
LINES = {"body_kind": "form", "template": "to=%TO%\ntext=%TEXT%"}


def errors_of(**changes: Any) -> dict[str, list[str]]:
    errors: Any = HttpForm(data={**GOOD, **changes}).errors
    return dict(errors)


def test_address_and_secret_are_enough() -> None:
    form = HttpForm(data=GOOD)

    assert form.is_valid(), form.errors
    assert form.cleaned_data["method"] == "POST"
    assert form.cleaned_data["template"] == '{"to": "%TO%", "from": "%FROM%", "text": "%TEXT%"}'
    assert "DELIVRD = delivered" in form.cleaned_data["status_map"]


def test_what_it_cleaned_it_takes_again() -> None:
    """So is it stored, and read again by every process."""
    form = HttpForm(data={**GOOD, **LINES, "headers": "A: 1\r\nB: 2", "currency": "eur"})
    assert form.is_valid()

    again = HttpForm(data=form.cleaned_data)

    assert again.is_valid()
    assert again.cleaned_data == form.cleaned_data
    assert form.cleaned_data["headers"] == "A: 1\nB: 2"
    assert form.cleaned_data["currency"] == "EUR"


def test_each_setting_stands_in_one_group() -> None:
    named = [name for group in HttpForm.groups for name in group.names]

    assert sorted(named) == sorted(HttpForm.base_fields)


@pytest.mark.parametrize(
    "settings",
    [
        LINES,
        {"method": "GET", "body_kind": "query", "template": "to=%TO_DIGITS%\nmsg=%TEXT%"},
        {"auth": "none", "secret": ""},
        {"auth": "basic", "username": "ann"},
        {"auth": "header", "auth_header": "X-Api-Key"},
        {"auth": "none", "template": '{"to": "%TO%", "text": "%TEXT%", "key": "%SECRET%"}'},
        {"auth": "none", "headers": "Authorization: App %SECRET%"},
        {"auth": "none", "balance_url": "https://gateway.example.com/b?key=%SECRET%"},
        {"template": '{"messages": [{"to": ["%TO%"], "body": {"text": "%TEXT%"}}]}'},
        {"success_statuses": "200, 202", "success_when": "messages[0].status = 0|1"},
        {"error_map": "4711 = balance\nhttp-503 = NEXT\n\nERR_NO_CREDIT = balance"},
        {"balance_url": "https://gateway.example.com/balance", "balance_path": 'a["b.c"][0]'},
        {"webhook_secret": SECRET, "id_path": "id"},
        {"webhook_secret": SECRET, **LINES, "template": "to=%TO%\ntext=%TEXT%\nref=%ID%"},
        {"webhook_secret": SECRET, "previous_webhook_secret": SECRET[::-1], "id_path": "id"},
    ],
)
def test_it_takes_what_gateways_want(settings: dict[str, str]) -> None:
    assert errors_of(**settings) == {}


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        ({"url": ""}, "url", "required"),
        ({"url": "http://gateway.example.com/"}, "url", "HTTP_PROVIDER_ALLOWED_HOSTS"),
        ({"url": "https://10.0.0.7/"}, "url", "not public"),
        ({"url": "https://gateway.example.com/%TO%"}, "url", "template"),
        ({"method": "DELETE"}, "method", "not one of"),
        ({"method": "GET"}, "body_kind", "GET has no body"),
        ({"template": "to=%TO%"}, "template", "not JSON"),
        ({"template": '["%TO%", "%TEXT%"]'}, "template", "object"),
        ({"template": '{"to": "%TO%", "to": "%TEXT%"}'}, "template", "twice"),
        ({"template": '{"to": NaN, "a": "%TO% %TEXT%"}'}, "template", "NaN"),
        ({"template": '{"a":' * 30 + '"%TO% %TEXT%"' + "}" * 30}, "template", "too deep"),
        ({"template": "[" * 3000}, "template", "not JSON"),
        ({"template": '{"to": "%TO%"}'}, "template", "%TEXT%"),
        ({"template": '{"%TO%": "x", "text": "%TEXT%"}'}, "template", "%TO_DIGITS%"),
        ({"template": '{"text": "%TEXT%"}'}, "template", "%TO_DIGITS%"),
        ({"template": '{"to": "%TO%", "t": "%TEXT% %CODE%"}'}, "template", "%CODE%"),
        ({**LINES, "template": "to=%TO%\n%TEXT%"}, "template", "Write each line"),
        ({**LINES, "template": "to=%TO%\nto=%TEXT%"}, "template", "twice"),
        ({"headers": "no colon"}, "headers", "X-Api-Version"),
        ({"headers": "Host: inside"}, "headers", "Host"),
        ({"headers": "transfer-encoding: chunked"}, "headers", "transfer-encoding"),
        ({"headers": "X A: 1"}, "headers", "X A"),
        ({"headers": "A: 1\na: 2"}, "headers", "twice"),
        ({"headers": "A: a\tb"}, "headers", "no tabs"),
        ({"headers": "A: %TEXT%"}, "headers", "%TEXT%"),
        ({"auth": "basic"}, "username", "user"),
        ({"auth": "basic", "username": "a:b"}, "username", "colon"),
        ({"auth": "header"}, "auth_header", "Name the header"),
        ({"auth": "header", "auth_header": "Content-Length"}, "auth_header", "Content-Length"),
        ({"secret": ""}, "secret", "Give the secret"),
        ({"secret": "", "auth": "none", "headers": "K: %SECRET%"}, "secret", "Give the secret"),
        ({"secret": "a\tb"}, "secret", "one line"),
        ({"auth": "none"}, "auth", "nowhere"),
        ({"success_statuses": "4xx"}, "success_statuses", "4xx"),
        ({"success_when": "status"}, "success_when", "status = ok"),
        ({"success_when": "a b = 1"}, "success_when", "no path"),
        ({"id_path": "a..b"}, "id_path", "no path"),
        ({"error_path": "a[b]"}, "error_path", "no path"),
        ({"error_map": "4711 = bad luck"}, "error_map", "There are: next"),
        ({"error_map": "4711"}, "error_map", "4711 = balance"),
        ({"error_map": "no such number = stop"}, "error_map", "no code"),
        ({"balance_url": "https://192.168.0.1/"}, "balance_url", "not public"),
        ({"balance_url": "https://a.example.com/%SECRET%"}, "balance_url", "%SECRET%"),
        ({"balance_url": "https://a.example.com/?to=%TO%"}, "balance_url", "%TO%"),
        ({"balance_path": "balance"}, "balance_url", "Give the address"),
        ({"currency": "E1"}, "currency", "Three letters"),
        ({"webhook_secret": "short"}, "webhook_secret", "16"),
        ({"webhook_secret": "é" * 20}, "webhook_secret", "ASCII"),
        ({"webhook_secret": SECRET}, "id_path", "%ID%"),
        ({"previous_webhook_secret": SECRET}, "webhook_secret", "new secret"),
        ({"report_header": "X Signature"}, "report_header", "X Signature"),
        ({"status_map": "DELIVRD = arrived"}, "status_map", "There are: accepted"),
        ({"report_status_path": "a b"}, "report_status_path", "no path"),
    ],
)
def test_it_says_at_the_field_what_is_wrong(
    settings: dict[str, str], field: str, words: str
) -> None:
    found = errors_of(**settings)

    assert list(found) == [field]
    assert words in found[field][0]


def test_no_refusal_repeats_a_secret() -> None:
    wrong = "a secret\twith a tab"
    told = (
        str(errors_of(secret=wrong, webhook_secret="short"))
        + HttpForm(data={**GOOD, "secret": wrong}).errors.as_json()
    )

    assert "with a tab" not in told


DOCUMENT = {"id": 7, "data": {"id": "x"}, "list": [{"id": True}, [1, 2]], "a.b": {"c": " d "}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("id", "7"),
        ("$.id", "7"),
        ("$['id']", None),
        ("data.id", "x"),
        ("list[0].id", "true"),
        ("list[1][1]", "2"),
        ('["a.b"].c', "d"),
        ('$["data"]["id"]', "x"),
        ("data", ""),
        ("list", ""),
        ("list[7].id", ""),
        ("list.id", ""),
        ("data[0]", ""),
        ("nowhere.at.all", ""),
        ("message-id", ""),
    ],
)
def test_a_path_names_a_place_in_json(path: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(ValidationError):
            paths.parse_path(path)
    else:
        assert paths.parse_path(path).text_in(DOCUMENT) == text


def test_a_path_into_the_top_of_a_list() -> None:
    assert paths.parse_path("[1].id").text_in([{}, {"id": "b"}]) == "b"
    assert paths.parse_path("id").text_in(None) == ""


def test_statuses_are_listed_or_a_whole_hundred() -> None:
    assert success.parse_statuses("202, 2XX") == frozenset(range(200, 300))
    assert success.parse_statuses("200 204") == {200, 204}


def test_an_empty_placeholder_takes_its_field_along() -> None:
    template = templates.of_json('{"from": "%FROM%", "x": ["%FROM%", "a"], "y": "a%FROM%"}')

    assert template.filled({"FROM": ""}) == {"x": ["a"], "y": "a"}


def test_a_class_is_read_in_any_case() -> None:
    assert parse_map("E1=Balance") == {"e1": "balance"}


def test_only_the_secrets_are_secret(http_provider: Any) -> None:
    from smsproviders.accounts import backend_for

    backend: SmsBackend = backend_for(http_provider)

    assert backend.secrets == {"secret", "webhook_secret", "previous_webhook_secret"}
    assert "gateway-token" not in repr(vars(backend)["_sending"])


KEPT = {"url": "https://gateway.example.com/a", "template": '{"to": "%TO%", "key": "%SECRET%"}'}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"url": "https://gateway.example.com/b?c=d"},
        {"balance_url": "https://gateway.example.com/balance"},
        {"template": '{"to": "%TO%"}'},
        {"template": '{"to": "%TO%", "key": "%SECRET%"}\r\n'},
        {"headers": "X-Version: 2"},
        {"auth": "basic"},
    ],
)
def test_s53_a_kept_secret_may_go_on_going_where_it_went(changes: dict[str, str]) -> None:
    assert secrets_to_retype(KEPT, KEPT | changes) == frozenset()


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://evil.example.com/a"},
        {"url": "https://gateway.example.com:8443/a"},
        {"url": "http://gateway.example.com/a"},
        {"url": "https://[gateway"},
        {"balance_url": "https://evil.example.com/?key=%SECRET%"},
        {"template": '{"to": "%TO%", "text": "%SECRET%"}'},
        {"template": '{"to": "%TO%", "text": "\\u0025SECRET%"}'},
        {"template": "to=%TO%\ntext=%SECRET%"},
        {"headers": "X-Key: %SECRET%"},
    ],
)
def test_s53_a_kept_secret_goes_nowhere_else(changes: dict[str, str]) -> None:
    assert secrets_to_retype(KEPT, KEPT | changes) == {"secret"}
