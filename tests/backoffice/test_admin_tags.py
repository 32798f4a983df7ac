"""Clients > Tags."""

import pytest
from django.test import Client as Browser

from backoffice.audit.models import AuditEvent
from clients.models import Tag
from tests.backoffice import books
from tests.backoffice.books import desk

pytestmark = pytest.mark.django_db
TAGS = "/admin/clients/tag/"


def test_an_administrator_adds_a_tag_and_gives_it_to_a_client(client: Browser) -> None:
    ann = books.client()
    desk(client, "Administrator")
    client.post(f"{TAGS}add/", {"name": "vip", "_save": "Save"})
    tag = Tag.objects.get(name="vip")
    event = AuditEvent.objects.get(action="backoffice.added")
    assert event.subject == f"tag:{tag.pk}"
    assert event.facts["name"] == "vip"
    assert "vip" in client.get(books.page_of(ann)).content.decode()


def test_it_leads_to_the_clients_with_the_tag(client: Browser) -> None:
    tag = Tag.objects.create(name="vip")
    books.client("ann@example.com", name="Ann Lee").tags.add(tag)
    books.client("bob@example.com", name="Bob Ray")
    desk(client, "Support")
    address = f"{books.LIST}?tag={tag.pk}"
    assert address in client.get(TAGS).content.decode()
    shown = client.get(address).content.decode()
    assert "Ann Lee" in shown
    assert "Bob Ray" not in shown


def test_two_tags_never_differ_in_capitals_only(client: Browser) -> None:
    tag = Tag.objects.create(name="vip")
    desk(client, "Administrator")
    answer = client.post(f"{TAGS}add/", {"name": "VIP", "_save": "Save"})
    assert "There is such a tag already." in answer.content.decode()
    client.post(f"{TAGS}{tag.pk}/change/", {"name": "VIP", "_save": "Save"})
    assert [one.name for one in Tag.objects.all()] == ["VIP"]


def test_a_deleted_tag_takes_no_client_with_it(client: Browser) -> None:
    ann = books.client()
    tag = Tag.objects.create(name="vip")
    ann.tags.add(tag)
    desk(client, "Administrator")
    assert "lose it" in client.get(f"{TAGS}{tag.pk}/delete/").content.decode()
    client.post(f"{TAGS}{tag.pk}/delete/", {"post": "yes"})
    assert not Tag.objects.exists()
    ann.refresh_from_db()
    assert AuditEvent.objects.get(action="backoffice.deleted").facts["name"] == "vip"
