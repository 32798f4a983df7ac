"""Who is added without a password is invited by e-mail to choose one; operators choose none."""

import io
import json
import sys
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from backoffice.audit import log
from backoffice.audit.models import AuditEvent, Outcome
from backoffice.policy import changes
from clients import invitations, people
from clients.adding import NewClient
from clients.invitations import NotInvited
from clients.models import Client, ClientType, PasswordLink, User
from tests.backoffice.books import LIST, desk
from tests.twofa.pages import Page, Person
from twofa import notice_sending
from twofa.models import Notice

pytestmark = pytest.mark.django_db
PASSWORD = "a rather long pass phrase"
ADD = f"{LIST}add/"
TYPED = {
    "email": "Ann@Example.com",
    "name": "Ann Lee",
    "phone": "+33 6 12 34 56 78",
    "country": "",
    "language": "fr",
    "type": "company",
    "manager": "",
}


def run(*arguments: str, password: str = "") -> dict[str, Any]:
    out, before = io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(f"{password}\n" if password else "")
    try:
        options = ["--password-stdin"] if password else []
        call_command(*arguments, *options, "--json", stdout=out, stderr=io.StringIO())
    finally:
        sys.stdin = before
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def links(user: User) -> list[str]:
    rows = Notice.objects.filter(user=user, kind="invited").order_by("id")
    return ["/" + json.loads(row.context)["link"].split("/", 3)[3] for row in rows]


def invited(email: str = "ann@example.com") -> Client:
    run("add_client", email)
    return Client.objects.get(user__email=email)


def choose(path: str, new: str = PASSWORD) -> Person:
    return Person().open(path).submit("new_password", new, repeated=new)


class TestCommands:
    def test_a_client_without_a_password_is_invited(self, mailoutbox: list[Any]) -> None:
        assert run("add_client", "ann@example.com", "--language", "en")["invited"] is True
        user = User.objects.get()
        person = choose(*links(user))
        assert person.path == "/sign-in/"
        assert person.sign_in(user.email, PASSWORD).path == "/security/"
        assert Notice.objects.filter(user=user, kind="password_chosen").exists()
        assert AuditEvent.objects.get(action="clients.invited").actor_kind == "command"

    def test_the_e_mail_says_where_how_long_and_as_whom(self, mailoutbox: list[Any]) -> None:
        path = links(invited().user)[0]
        notice_sending.sweep()
        (mail,) = mailoutbox
        for words in (path, "7 days", "ann@example.com"):
            assert words in mail.body

    def test_an_operator_is_invited_and_enrols_a_second_factor(self) -> None:
        assert run("add_operator", "op@example.com", "--group", "Support")["invited"] is True
        user = User.objects.get()
        choose(*links(user))
        person = Person().sign_in(user.email, PASSWORD)
        assert "needs a second factor" in person.page.text("must-enrol")

    def test_with_a_password_or_unwanted_none_is_sent(self) -> None:
        assert run("add_client", "a@example.com", password=PASSWORD)["invited"] is False
        assert run("add_client", "b@example.com", "--no-invitation")["invited"] is False
        assert not PasswordLink.objects.exists()

    def test_it_prints_what_happened(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        said = io.StringIO()
        call_command("add_client", "ann@example.com", stdout=io.StringIO(), stderr=said)
        assert "it works for 7 days" in said.getvalue()


class TestLinks:
    def test_it_lives_for_the_days_of_the_setting(self) -> None:
        changes.change({"invitation_days": "2"}, actor=log.SYSTEM)
        client = invited()
        (path,) = links(client.user)
        for days, status in ((1.9, 200), (2.1, 410)):
            with time_machine.travel(timezone.now() + timedelta(days=days)):
                assert Person().open(path).response.status_code == status

    def test_a_new_one_voids_the_old(self) -> None:
        client = invited()
        invitations.invite(client.user, actor=log.SYSTEM)
        old, new = links(client.user)
        assert Person().open(old).response.status_code == 410
        assert Person().open(new).response.status_code == 200

    def test_who_lost_it_asks_for_a_new_password(self) -> None:
        from twofa import password_resets

        client = invited()
        password_resets.ask(client.user.email)
        password_resets.sweep()
        assert PasswordLink.objects.filter(user=client.user, purpose="reset").count() == 1
        assert Person().open(*links(client.user)).response.status_code == 200

    def test_it_dies_when_an_operator_corrects_the_address(self) -> None:
        client = invited("typo@example.com")
        people.change_contact(
            client,
            email="ann@example.com",
            phone="",
            operator=User.objects.create(email="boss@example.com", is_superuser=True),
            reason="typing error",
        )
        assert Person().open(*links(client.user)).response.status_code == 410

    def test_no_more_than_a_few_are_sent_in_an_hour(self) -> None:
        user = invited().user
        results = [invitations.invite(user, actor=log.SYSTEM) for _ in range(3)]
        assert results[-1] is NotInvited.TOO_MANY
        assert len(links(user)) == 3


class TestInTheBackOffice:
    def test_an_administrator_adds_a_client_who_is_invited(self, client: Browser) -> None:
        operator = desk(client, "Administrator")
        assert ADD in client.get(LIST).content.decode()
        answer = client.post(ADD, {**TYPED, "manager": str(operator.pk)}, follow=True)
        ann = Client.objects.get()
        assert (ann.user.email, ann.name, str(ann.phone)) == (
            "ann@example.com",
            "Ann Lee",
            "+33612345678",
        )
        assert (ann.country, ann.language, ann.type) == ("FR", "fr", ClientType.COMPANY)
        assert ann.manager == operator
        assert len(links(ann.user)) == 1
        html = answer.content.decode()
        assert "Ann Lee is added and invited by e-mail. The link works for 7 days." in html
        assert "has not chosen a password yet" in Page(html).text("invitation")
        added = AuditEvent.objects.get(action="clients.client_added")
        assert added.actor_id == str(operator.pk)

    def test_what_is_wrong_is_told_at_its_field_and_adds_nobody(self, client: Browser) -> None:
        desk(client, "Administrator")
        wrong = {**TYPED, "email": "nonsense", "phone": "06", "country": "XX"}
        page = client.post(ADD, wrong).content.decode()
        assert "Enter a valid email address" in page
        assert "not a valid phone number" in page
        assert "not a country" in page
        long = client.post(ADD, {**TYPED, "country": "FRA"}).content.decode()
        assert "not a country" in long
        taken = {**TYPED, "email": User.objects.get().email}
        assert "is there already" in client.post(ADD, taken).content.decode()
        assert not Client.objects.exists()

    def test_s49_there_is_no_field_for_a_password(self, client: Browser) -> None:
        operator = desk(client, "Administrator")
        assert "password" not in Page(client.get(ADD).content.decode()).form_with("email").fields
        client.post(ADD, {**TYPED, "password": PASSWORD})
        assert not Client.objects.get().user.has_usable_password()
        with pytest.raises(ValueError, match="chooses no password"):
            invitations.add_client(
                NewClient(email="b@example.com", password=PASSWORD), operator=operator
            )

    def test_support_sends_it_again_but_adds_nobody(self, client: Browser) -> None:
        ann = invited()
        operator = desk(client, "Support")
        assert client.get(ADD).status_code == 403
        assert ADD not in client.get(LIST).content.decode()
        page = client.get(f"{LIST}{ann.pk}/change/").content.decode()
        assert "Send the invitation again" in page
        answer = client.post(f"{LIST}{ann.pk}/invite/", follow=True)
        assert "on its way to ann@example.com" in answer.content.decode()
        assert len(links(ann.user)) == 2
        events = AuditEvent.objects.filter(action="clients.invited", actor_id=str(operator.pk))
        assert events.count() == 1
        with pytest.raises(PermissionDenied):
            invitations.add_client(NewClient(email="b@example.com"), operator=operator)
        refused = AuditEvent.objects.filter(outcome=Outcome.REFUSED, actor_id=str(operator.pk))
        assert refused.filter(action="clients.client_added").exists()

    def test_a_link_that_is_over_is_told_on_the_page(self, client: Browser) -> None:
        ann = invited()
        PasswordLink.objects.update(expires_at=timezone.now())
        desk(client, "Support")
        page = Page(client.get(f"{LIST}{ann.pk}/change/").content.decode())
        assert "the link works no more" in page.text("invitation")

    def test_once_a_password_is_chosen_there_is_nothing_to_send(self, client: Browser) -> None:
        ann = invited()
        choose(*links(ann.user))
        desk(client, "Support")
        page = client.get(f"{LIST}{ann.pk}/change/").content.decode()
        assert "invitation" not in Page(page).marked
        answer = client.post(f"{LIST}{ann.pk}/invite/", follow=True)
        assert "has chosen a password" in answer.content.decode()
        assert len(links(ann.user)) == 1

    def test_a_blocked_client_is_not_invited(self, client: Browser) -> None:
        ann = invited()
        User.objects.filter(pk=ann.user_id).update(is_active=False)
        desk(client, "Support")
        assert "Send the invitation" not in client.get(f"{LIST}{ann.pk}/change/").content.decode()
        answer = client.post(f"{LIST}{ann.pk}/invite/", follow=True)
        assert "Unblock first" in answer.content.decode()
        assert len(links(ann.user)) == 1

    def test_who_may_not_is_refused_and_it_is_logged(self) -> None:
        ann = invited()
        nobody = User.objects.create(email="nobody@example.com", is_staff=True)
        with pytest.raises(PermissionDenied):
            invitations.invite_again(ann, operator=nobody)
        assert AuditEvent.objects.filter(action="clients.invited", outcome="refused").count() == 1
