"""Operators who act on one client at the same moment."""

import pytest
from django.contrib.auth.models import Permission

from clients import people
from clients.models import Client, User
from tests.services.threads import run_together
from tests.twofa import people as made


@pytest.fixture
def olga(transactional_db: None) -> User:
    olga = made.operator("olga@example.com", group="")
    names = ("block_client", "change_contact")
    olga.user_permissions.set(Permission.objects.filter(codename__in=names))
    return olga


def test_blocking_and_changing_the_contact_do_not_wait_for_each_other_for_ever(olga: User) -> None:
    ann = Client.objects.get(user=made.client())

    def act(index: int) -> None:
        for turn in range(25):
            if index == 0:
                people.block(ann, operator=olga, reason="r")
                people.unblock(ann, operator=olga, reason="r")
            else:
                phone = f"+336123456{turn:02d}"
                email = f"ann{turn}@example.com"
                people.change_contact(ann, email=email, phone=phone, operator=olga, reason="r")

    assert run_together(2, act) == [None, None]
