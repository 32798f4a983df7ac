"""Where a gateway may be: S54 for addresses that an operator writes."""

import socket
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django.fixtures import Settings

from smsproviders.backends.bounded_http import BoundedHttp, NotAllowed, NotSent
from smsproviders.backends.generic_http.addresses import (
    clean_url,
    gate,
    is_public,
    refuse_where_it_leads,
)
from smsproviders.contract import Deadline
from tests.http_gateway import HttpGateway
from tests.http_gateway.certificates import self_signed

NAME = "gateway.example.com"
PUBLIC = "93.184.216.34"

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.7",  # noqa: S104
    "172.16.0.1", "172.31.255.254", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "198.18.0.1", "192.0.2.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:93.184.216.34", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",
    "2001:db8::1", "2002:7f00:1::", "2001:0:53aa:64c::1", "100::1", "5f00::1", "not an address",
]  # fmt: skip
OUTSIDE = [PUBLIC, "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8"]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let names lead to these addresses, one answer after the other; the last one stays."""

    def lead(*answers: Iterable[str], port: int = 443) -> list[str]:
        asked: list[str] = []

        def getaddrinfo(host: str, *_: Any, **__: Any) -> list[Any]:
            answer = answers[min(len(asked), len(answers) - 1)]
            asked.append(host)
            return [
                (
                    socket.AF_INET6 if ":" in one else socket.AF_INET,
                    socket.SOCK_STREAM,
                    6,
                    "",
                    (one, port, 0, 0) if ":" in one else (one, port),
                )
                for one in answer
            ]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return lead


def ask(url: str, http: BoundedHttp | None = None) -> Any:
    return (http or BoundedHttp(gate=gate)).request("GET", url, deadline=Deadline.after(2))


@pytest.mark.parametrize("address", INSIDE)
def test_s54_what_is_not_the_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://gateway.example.com/", "Only https"),
        ("ftp://gateway.example.com/", "Write an address"),
        ("file:///etc/passwd", "Write an address"),
        ("gateway.example.com/messages", "Write an address"),
        ("https://", "Write an address"),
        ("https:///messages", "Write an address"),
        ("https://gateway.example.com:0/", "Write an address"),
        ("https://gateway.example.com:99999/", "Write an address"),
        ("https://gateway.example.com\\@inside/", "Write an address"),
        ("https://gateway.example.com /", "Write an address"),
        ("https://gateway.example.com/\x00", "Write an address"),
        ("https://gätewäy.example.com/", "Write an address"),
        ("https://[::1", "Write an address"),
        (f"https://gateway.example.com/{'x' * 500}", "Write an address"),
        ("https://user@gateway.example.com/", "No user or password"),
        ("https://:pass@gateway.example.com/", "No user or password"),
        ("https://@gateway.example.com/", "No user or password"),
        ("https://gateway.example.com/#there", "#"),
        ("https://127.0.0.1/", "not public"),
        ("https://169.254.169.254/latest/meta-data/", "not public"),
        ("https://[::1]/", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
    ],
)
def test_s54_an_address_that_cannot_be_right_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        clean_url(url)

    assert words in error.value.messages[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://gateway.example.com/messages",
        "https://gateway.example.com:8443/v1/messages?account=7",
        f"https://{PUBLIC}/",
    ],
)
def test_an_address_of_the_internet_by_https_is_right(url: str) -> None:
    assert clean_url(url) == url


def test_the_deployment_may_name_hosts_of_its_own_network(settings: Settings) -> None:
    settings.HTTP_PROVIDER_ALLOWED_HOSTS = [("kannel.internal", 13013), ("10.0.0.7", None)]

    clean_url("http://kannel.internal:13013/cgi-bin/sendsms")
    clean_url("http://KANNEL.internal:13013/")
    clean_url("http://10.0.0.7:9999/")
    for other in ("http://kannel.internal/", "http://kannel.internal.evil.example:13013/"):
        with pytest.raises(ValidationError):
            clean_url(other)


@pytest.mark.parametrize("answer", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::ffff:10.0.0.1"]])
def test_s54_a_name_that_leads_inside_is_refused(
    answer: list[str], resolve: Callable[..., list[str]]
) -> None:
    resolve(answer)

    with pytest.raises(ValidationError, match="not public"):
        refuse_where_it_leads(f"https://{NAME}/")


def test_a_name_that_leads_to_the_internet_is_right(resolve: Callable[..., list[str]]) -> None:
    asked = resolve([PUBLIC, "2606:4700::1111"])

    refuse_where_it_leads(f"https://{NAME}/")
    assert asked == [NAME]


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost"])
def test_s54_odd_ways_to_write_this_machine_are_refused(host: str) -> None:
    clean_url(f"https://{host}/")

    with pytest.raises(ValidationError, match="not public"):
        refuse_where_it_leads(f"https://{host}/")


def test_a_name_that_this_process_cannot_look_up_is_left_to_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    refuse_where_it_leads(f"https://{NAME}/")


@pytest.mark.parametrize("answer", [["127.0.0.1"], [PUBLIC, "127.0.0.1"], ["169.254.169.254"]])
def test_s54_no_connection_leads_inside(
    answer: list[str], gateway: HttpGateway, resolve: Callable[..., list[str]]
) -> None:
    resolve(answer, port=gateway.port)

    with pytest.raises(NotAllowed):
        ask(f"https://{NAME}:{gateway.port}/")
    assert gateway.requests == []


def test_s54_a_public_address_is_not_called_without_encryption(
    resolve: Callable[..., list[str]],
) -> None:
    resolve([PUBLIC], port=80)

    with pytest.raises(NotAllowed):
        ask(f"http://{NAME}/")


def test_s54_a_name_is_looked_up_once_for_a_connection_and_cannot_change_its_mind(
    gateway: HttpGateway, resolve: Callable[..., list[str]]
) -> None:
    """Rebinding: public when checked, inside when connected to. There is no second answer."""
    asked = resolve([PUBLIC], ["127.0.0.1"], port=gateway.port)
    seen: list[tuple[str, ...]] = []

    def note(destination: Any) -> None:
        seen.append(destination.addresses)
        raise NotAllowed

    with pytest.raises(NotAllowed):
        ask(f"https://{NAME}:{gateway.port}/", BoundedHttp(gate=note))
    assert (seen, len(asked)) == ([(PUBLIC,)], 1)


def test_s54_what_was_right_when_it_was_saved_is_judged_again(
    gateway: HttpGateway, resolve: Callable[..., list[str]]
) -> None:
    resolve([PUBLIC], ["127.0.0.1"], port=gateway.port)

    refuse_where_it_leads(f"https://{NAME}:{gateway.port}/")
    with pytest.raises(NotAllowed):
        ask(f"https://{NAME}:{gateway.port}/")
    assert gateway.requests == []


def test_the_connection_leads_to_the_address_and_speaks_to_the_name(
    resolve: Callable[..., list[str]], settings: Settings, tmp_path: Path
) -> None:
    trusted, context = self_signed(NAME, tmp_path)
    with HttpGateway(tls=context) as gateway:
        settings.HTTP_PROVIDER_ALLOWED_HOSTS = [(NAME, gateway.port)]
        asked = resolve(["127.0.0.1"], port=gateway.port)
        http = BoundedHttp(gate=gate)
        http._trusted = str(trusted)

        for _ in range(2):
            ask(f"https://{NAME}:{gateway.port}/balance", http)
        http.close()

    first, second = gateway.requests
    assert first.headers["host"] == f"{NAME}:{gateway.port}"
    assert first.server_name == NAME
    assert second.path == "/balance"
    assert asked == [NAME]  # the connection is kept


def test_a_certificate_of_another_name_is_not_believed(
    resolve: Callable[..., list[str]], settings: Settings, tmp_path: Path
) -> None:
    trusted, context = self_signed("other.example.com", tmp_path)
    with HttpGateway(tls=context) as gateway:
        settings.HTTP_PROVIDER_ALLOWED_HOSTS = [(NAME, None)]
        resolve(["127.0.0.1"], port=gateway.port)
        http = BoundedHttp(gate=gate)
        http._trusted = str(trusted)

        with pytest.raises(NotSent):
            ask(f"https://{NAME}:{gateway.port}/", http)
        assert gateway.requests == []
