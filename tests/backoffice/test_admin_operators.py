"""System > Users and Groups: nobody gives more than he has, nor another's password or factor."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client as Browser

from backoffice.audit.models import AuditEvent
from clients.models import User, UserSession
from tests.backoffice import books
from tests.backoffice.books import desk
from tests.backoffice.operators import operator

pytestmark = pytest.mark.django_db
USERS, GROUPS = "/admin/clients/user/", "/admin/auth/group/"


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def save(browser: Browser, user: User, **given: Any) -> Any:
    values = {"name": user.name, "is_active": "on", "_save": "Save", **given}
    return browser.post(f"{USERS}{user.pk}/change/", values)


class TestUsers:
    def test_it_lists_operators_and_no_clients(self, client: Browser) -> None:
        books.client("ann@example.com")
        operator("sam@example.com", groups=["Support"])
        desk(client, "Administrator")
        shown = client.get(USERS).content.decode()
        assert "sam@example.com" in shown
        assert "Support" in shown
        assert "Not enrolled" in shown
        assert "ann@example.com" not in shown

    def test_a_client_s_account_has_no_page_here(self, client: Browser) -> None:
        ann = books.client("ann@example.com")
        desk(client, "Administrator")
        assert client.get(f"{USERS}{ann.user_id}/change/").status_code == 302

    def test_groups_are_given_and_logged(self, client: Browser) -> None:
        sam = operator("sam@example.com", groups=["Support"])
        desk(client, "Administrator")
        save(client, sam, name="Sam", groups=[group("Auditor").pk])
        sam.refresh_from_db()
        assert sam.name == "Sam"
        assert [one.name for one in sam.groups.all()] == ["Auditor"]
        event = AuditEvent.objects.get(action="backoffice.changed")
        assert event.subject == f"user:{sam.pk}"
        assert event.facts["groups"] == ["Auditor"]

    def test_s49_there_is_no_password_field_and_no_way_to_post_one(self, client: Browser) -> None:
        sam = operator("sam@example.com")
        before = sam.password
        desk(client, "Administrator")
        shown = client.get(f"{USERS}{sam.pk}/change/").content.decode()
        assert 'type="password"' not in shown
        save(client, sam, password="hacked", password1="hacked", email="x@example.com")
        sam.refresh_from_db()
        assert (sam.password, sam.email) == (before, "sam@example.com")

    @pytest.mark.parametrize(
        "lookup",
        [
            "password__startswith",
            "is_superuser__exact",
            "groups__user__password__startswith",
            "groups__permissions__codename__contains",
        ],
    )
    def test_s52_no_column_is_asked_for_by_the_address(self, client: Browser, lookup: str) -> None:
        desk(client, "Administrator")
        assert client.get(USERS, {lookup: "a"}).status_code == 400
        assert client.get(USERS, {"groups__id__exact": "1"}).status_code == 200

    def test_no_operator_makes_a_superuser(self, client: Browser) -> None:
        sam = operator("sam@example.com")
        desk(client, "Administrator")
        save(client, sam, is_superuser="on", is_staff="on", user_permissions="1")
        sam.refresh_from_db()
        assert not sam.is_superuser
        assert not sam.user_permissions.exists()

    def test_a_superuser_is_changed_by_superusers_only(self, client: Browser) -> None:
        root = operator("root@example.com")
        User.objects.filter(pk=root.pk).update(is_superuser=True)
        desk(client, "Administrator")
        assert save(client, root, name="Pwned").status_code == 403
        boss = desk(client, email="boss@example.com")
        User.objects.filter(pk=boss.pk).update(is_superuser=True)
        save(client, root, name="Root", is_superuser="on")
        root.refresh_from_db()
        assert (root.name, root.is_superuser) == ("Root", True)

    def test_one_s_own_rights_are_another_s_to_change(self, client: Browser) -> None:
        own = desk(client, "Administrator")
        answer = client.post(
            f"{USERS}{own.pk}/change/", {"name": "Me", "groups": [], "is_superuser": "on"}
        )
        assert answer.status_code == 302
        own.refresh_from_db()
        assert own.name == "Me"
        assert own.is_active
        assert not own.is_superuser
        assert own.groups.count() == 1

    def test_a_group_that_holds_more_is_not_given(self, client: Browser) -> None:
        group("Support").permissions.add(Permission.objects.get(codename="delete_client"))
        sam = operator("sam@example.com", groups=["Support"])
        desk(client, "Administrator")
        shown = client.get(f"{USERS}{sam.pk}/change/").context["adminform"].form
        assert "Support" not in {str(one) for one in shown.fields["groups"].queryset}
        save(client, sam, groups=[group("Auditor").pk])
        assert {one.name for one in sam.groups.all()} == {"Auditor", "Support"}
        answer = save(client, operator("kim@example.com"), groups=[group("Support").pk])
        assert answer.status_code == 200
        assert not User.objects.get(email="kim@example.com").groups.exists()

    def test_a_deactivated_operator_is_out_at_once(self, client: Browser) -> None:
        theirs = Browser()
        sam = desk(theirs, "Support", email="sam@example.com")
        desk(client, "Administrator")
        save(client, sam, is_active="")
        assert not UserSession.objects.filter(user=sam, ended_at=None).exists()
        assert theirs.get("/admin/").status_code == 302

    def test_the_queries_do_not_grow(
        self, client: Browser, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(8):
            operator(f"o{number}@example.com", groups=["Support"])
        desk(client, "Administrator")
        with django_assert_max_num_queries(14):
            client.get(USERS)


class TestGroups:
    def test_acts_are_given_and_logged(self, client: Browser) -> None:
        desk(client, "Administrator")
        unlock = Permission.objects.get(codename="unlock_client")
        client.post(f"{GROUPS}add/", {"name": "Night shift", "permissions": [unlock.pk]})
        assert list(group("Night shift").permissions.all()) == [unlock]
        event = AuditEvent.objects.get(action="backoffice.added")
        assert event.facts["permissions"] == ["unlock_client"]

    def test_only_what_one_may_oneself_is_given(self, client: Browser) -> None:
        desk(client, "Administrator")
        more = Permission.objects.get(codename="delete_client")
        answer = client.post(f"{GROUPS}add/", {"name": "Night shift", "permissions": [more.pk]})
        assert answer.status_code == 200
        assert not Group.objects.filter(name="Night shift").exists()
        own = group("Administrator")
        client.post(f"{GROUPS}{own.pk}/change/", {"name": own.name, "permissions": [more.pk]})
        assert more not in own.permissions.all()

    def test_a_group_that_holds_more_is_not_changed(self, client: Browser) -> None:
        group("Support").permissions.add(Permission.objects.get(codename="delete_client"))
        desk(client, "Administrator")
        address = f"{GROUPS}{group('Support').pk}"
        assert client.post(f"{address}/change/", {"name": "X"}).status_code == 403
        assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
        assert client.get(f"{address}/change/").status_code == 200

    def test_one_is_deleted_and_logged(self, client: Browser) -> None:
        desk(client, "Administrator")
        address = f"{GROUPS}{group('Auditor').pk}/delete/"
        assert client.get(address).status_code == 200
        client.post(address, {"post": "yes"})
        assert not Group.objects.filter(name="Auditor").exists()
        assert AuditEvent.objects.filter(action="backoffice.deleted").exists()
