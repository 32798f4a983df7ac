"""One function says who the client is; forwarded headers count only from trusted proxies."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from backoffice.common.addresses import (
    TrustForwardedHeaders,
    address_block,
    client_address,
    counted,
)
from backoffice.common.request_context import KeepRequestContext, current


@pytest.fixture(autouse=True)
def proxies(settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")]


def seen(peer: str, forwarded: str = "") -> str:
    headers: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    addresses: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        addresses.append(client_address(request))
        return HttpResponse()

    TrustForwardedHeaders(view)(request)
    return addresses[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.7", "", "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "203.0.113.9, 198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "203.0.113.9, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
        ("10.1.2.3", "nonsense", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("2001:db8::1", "2001:470::5", "2001:470::5"),
        ("", "198.51.100.1", ""),
    ],
)
def test_s11_only_a_trusted_proxy_is_believed(peer: str, forwarded: str, expected: str) -> None:
    assert seen(peer, forwarded) == expected


def test_a_strangers_forwarded_proto_does_not_make_a_request_secure() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_PROTO="https")
    TrustForwardedHeaders(lambda _request: HttpResponse())(request)
    assert not request.is_secure()


@pytest.mark.parametrize(
    ("address", "block"),
    [("192.0.2.7", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", "")],
)
def test_a_block_is_near_enough_to_know_a_place_by(address: str, block: str) -> None:
    assert address_block(address) == block


def test_the_request_has_an_id_that_is_kept_when_it_is_well_formed() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(current().request_id)

    middleware = KeepRequestContext(view)
    kept = middleware(RequestFactory().get("/", headers={"X-Request-ID": "abc-1"}))
    made = middleware(RequestFactory().get("/", headers={"X-Request-ID": "a\nb"}))
    assert kept.content == b"abc-1"
    assert made.content != b"a\nb"
    assert made.headers["X-Request-ID"] == made.content.decode()
    assert current().request_id == ""


def test_only_a_trusted_proxy_names_the_request() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.7", headers={"X-Request-ID": "abc-1"})
    TrustForwardedHeaders(lambda _request: HttpResponse())(request)
    assert "X-Request-ID" not in request.headers


@pytest.mark.parametrize(
    ("address", "as_counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_limits_count_an_ipv6_network_as_one_address(address: str, as_counted: str) -> None:
    assert counted(address) == as_counted
