"""Who gets into the Back Office, and what is not there at all."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver

from backoffice.audit.models import AuditEvent, Outcome
from tests.backoffice import books
from tests.backoffice.books import desk, with_both_factors
from tests.backoffice.operators import operator, sign_in

pytestmark = pytest.mark.django_db
VALUES = {
    "object_id": "1",
    "pk": "1",
    "factor": "sms",
    "content_type_id": "1",
    "app_label": "clients",
    "url": "nowhere/",
    "event_id": "019ac000-0000-7000-8000-000000000000",
}


def addresses(patterns: Any, before: str = "/") -> Iterator[str]:
    """Every address of the Back Office, with something in place of each parameter."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            for name in pattern.pattern.converters:
                kind = pattern.pattern.converters[name]
                start = route.index("<")
                end = route.index(">", start)
                value = VALUES.get(name, "019ac000-0000-7000-8000-000000000000")
                assert kind
                route = route[:start] + value + route[end + 1 :]
            if not any(sign in route for sign in "^$(?"):
                yield route


def all_addresses() -> list[str]:
    (resolver,) = [
        pattern
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLResolver) and pattern.namespace == "admin"
    ]
    found = list(addresses(resolver.url_patterns, "/admin/"))
    assert len(found) > 40
    return found


def test_s20_a_password_alone_shows_nothing_at_any_address(client: Browser) -> None:
    sign_in(client, operator(groups=["Administrator"]), verified=False)
    for address in all_addresses():
        for answer in (client.get(address), client.post(address)):
            assert answer.status_code in {302, 307}, address
            to = answer["Location"]
            assert to == "/admin/" or to.startswith(("/admin/login/", "/security/")), address
            assert not answer.content


def test_s22_an_operator_without_second_factor_is_led_to_enrolment(client: Browser) -> None:
    sign_in(client, operator(groups=["Administrator"]), verified=False)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/security/"
    assert "Clients" not in answer.content.decode()


def test_s21_there_is_one_door(client: Browser) -> None:
    answer = client.get("/admin/clients/client/?q=ann")
    assert answer["Location"].startswith("/admin/login/?next=")
    answer = client.get(answer["Location"])
    assert answer["Location"] == "/sign-in/?next=/admin/clients/client/%3Fq%3Dann"
    assert client.post("/admin/login/", {"email": "x", "password": "y"}).status_code == 302


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x" * 9],
)
def test_s28_the_login_address_leads_to_no_other_site(client: Browser, wanted: str) -> None:
    answer = client.get("/admin/login/", {"next": wanted})
    assert answer["Location"] == "/sign-in/?next=/admin/"
    desk(client, "Support")
    assert client.get("/admin/login/", {"next": wanted})["Location"] == "/admin/"


def test_a_verified_client_is_refused_and_logged(client: Browser) -> None:
    sign_in(client, with_both_factors(books.client()).user)
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 403
    event = AuditEvent.objects.get(action="backoffice.access_refused")
    assert event.outcome == Outcome.REFUSED
    assert event.actor_kind == "client"


def test_s77_a_refused_address_with_a_nul_is_logged_and_no_error(client: Browser) -> None:
    desk(client, "Administrator")
    for path in ("clients/client/%00/delete/", "policy/systemsetting/%00/delete/"):
        assert client.get(f"/admin/{path}").status_code == 403, path
    assert client.get("/admin/policy/systemsetting/%00/history/").status_code < 500
    refused = AuditEvent.objects.filter(action="backoffice.access_refused").earliest("id")
    assert refused.facts["path"] == "/admin/clients/client/%00/delete/"


def test_what_is_searched_for_while_typing_may_be_anything(client: Browser) -> None:
    desk(client, "Administrator")
    address = "/admin/autocomplete/?app_label=clients&model_name=client&field_name=tags&term="
    answers = {term: client.get(address + term).status_code for term in ("a", "%25", "%00")}
    assert answers == {"a": 200, "%25": 200, "%00": 400}


def test_signing_out_keeps_the_method(client: Browser) -> None:
    desk(client, "Support")
    answer = client.post("/admin/logout/")
    assert (answer.status_code, answer["Location"]) == (307, "/sign-out/")


def test_one_s_own_password_is_changed_in_security_only(client: Browser) -> None:
    desk(client, "Administrator")
    for address in ("/admin/password_change/", "/admin/password_change/done/"):
        assert client.post(address)["Location"] == "/security/"


def test_s52_seeds_codes_and_guesses_have_no_page() -> None:
    apps = {model._meta.label for model in admin.site._registry}
    assert apps == {
        "clients.User",
        "clients.Client",
        "clients.Tag",
        "auth.Group",
        "audit.AuditEvent",
        "policy.SystemSetting",
        "smsproviders.RoutePause",
        "smsproviders.SmsMessage",
        "smsproviders.SmsProvider",
        "smsproviders.SmsTemplate",
    } | (apps & {"smsproviders.Incident"})


def test_s50_nothing_can_be_deleted_in_bulk(client: Browser) -> None:
    assert "delete_selected" not in [name for name, _act in admin.site.actions]
    desk(client, "Administrator")
    for address in ("/admin/clients/client/", "/admin/clients/user/", "/admin/auth/group/"):
        assert "delete_selected" not in client.get(address).content.decode()


def test_s83_every_page_keeps_the_strict_policy(client: Browser) -> None:
    desk(client, "Administrator")
    answer = client.get("/admin/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    page = answer.content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page


def test_the_navigation_shows_what_the_operator_may_see(client: Browser) -> None:
    def names(group: str) -> list[str]:
        desk(client, group, email=f"{group.split()[0].lower()}@example.com")
        shown = client.get("/admin/").context["available_apps"]
        return [str(entry["name"]) for part in shown for entry in part["models"]]

    assert names("Auditor") == ["Logs"]
    assert "General" in names("Support")
    assert "SMS providers" in names("Integrator")
    assert {
        "General",
        "Blocked clients",
        "SMS providers",
        "Settings",
        "Users",
        "Groups",
        "Logs",
    } <= (set(names("Administrator")))


def test_an_operator_in_no_group_is_told_so(client: Browser) -> None:
    desk(client)
    page = client.get("/admin/").content.decode()
    assert "Nothing is open to you yet" in page
    assert "client-search" not in page


def test_an_operator_reads_which_role_is_not_enough_and_who_gives_more(client: Browser) -> None:
    desk(client, "Support")
    answer = client.get("/admin/smsproviders/smsprovider/add/")
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "Your role is Support" in page
    assert "ask an administrator" in page
    assert 'id="navigation"' in page
