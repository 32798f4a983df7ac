"""Demo data: operators, clients with their factors, providers. Adds what is missing, once."""

import os
import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from backoffice.audit.log import Actor
from backoffice.audit.models import ActorKind
from backoffice.development.demo.people import CLIENTS, OPERATORS, Operator, Person, phone_of
from backoffice.development.demo.stories import happen
from clients.adding import NewClient, add_client, add_operator
from clients.models import Client, ClientStatus, Tag, TwoFactor, User
from smsproviders import configuring, template_changes
from smsproviders.models import SmsProvider, SmsTemplate
from smsproviders.provider_fields import ProviderFields
from twofa import totp, two_factor_column
from twofa.models import Authenticator, Notice, SmsConfirmation
from twofa.vocabulary import Purpose

ACTOR = Actor(ActorKind.COMMAND)
FOR_OPERATORS = "GB"
# Beside the built-in ones: Chloe Martin and others who sign in in French read it.
OWN_TEXT = (
    Purpose.SIGN_IN.value,
    "fr",
    "%CODE% est votre code pour vous connecter à %BRAND%. Nous ne le demandons jamais.",
)


def password(folder: Path) -> str:
    """The one password of all demo accounts: random, made at the first start, kept for the next."""
    path = folder / "demo-password"
    if not path.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        words = "-".join(secrets.token_hex(2) for _ in range(4))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(words + "\n")
    return path.read_text(encoding="utf-8").strip()


def seed(shared_password: str) -> Iterator[str]:
    """Add what is missing, one thing after the other; the name of each that was added."""
    # One hash for all: it is made to be slow, and there are 34 accounts.
    hashed = make_password(shared_password)
    for number, operator in enumerate(OPERATORS):
        if not User.objects.filter(email=operator.email).exists():
            _add_operator(operator, number, hashed)
            yield operator.email
    for number, person in enumerate(CLIENTS):
        if not User.objects.filter(email=person.email).exists():
            _add_client(person, number, hashed)
            yield person.email
    for fields in _providers():
        if not SmsProvider.objects.filter(name=fields.name).exists():
            configuring.create(fields, actor=ACTOR)
            yield fields.caption
    if not SmsTemplate.objects.exists():
        template_changes.change(*OWN_TEXT, actor=ACTOR)
        yield "an SMS template"


def _add_operator(operator: Operator, number: int, hashed: str) -> None:
    with transaction.atomic():
        user = add_operator(operator.email, groups=[operator.group], password=None, actor=ACTOR)
        user.name, user.password = operator.name, hashed
        user.save(update_fields=["name", "password"])
        # By SMS, so that a newcomer needs no app: the codes appear on the sandbox's phone.
        _enable(user, TwoFactor.SMS, phone_of(FOR_OPERATORS, number + 1), days=200)


def _add_client(person: Person, number: int, hashed: str) -> None:
    phone = phone_of(person.country, number + 10)
    with transaction.atomic():
        client = add_client(
            NewClient(
                email=person.email,
                name=person.name,
                phone=phone,
                country=person.country,
                language=person.language,
            ),
            actor=ACTOR,
        )
        client.user.password = hashed
        client.user.save(update_fields=["password"])
        _describe(client, person, number)
        _enable(client.user, person.two_factor, phone, days=3 * number + 5)
    if person.story:
        client.refresh_from_db()
        happen(person.story, client)
        # It did not happen today: no e-mail about it pushes the addresses out of the terminal.
        Notice.objects.filter(user=client.user).delete()


def _describe(client: Client, person: Person, number: int) -> None:
    client.type, client.status = person.type, person.status
    client.verification_level = person.level
    client.phone_confirmed_at = timezone.now() - timedelta(days=3 * number + 5)
    client.created_at = timezone.now() - timedelta(days=11 * number + 30)
    desk = User.objects.filter(groups__in=Group.objects.filter(name="Support"))
    client.manager = desk.first() if number % 3 else None
    client.save()
    client.tags.set([Tag.objects.get_or_create(name=name)[0] for name in person.tags])
    if person.status == ClientStatus.CLOSED:
        client.user.is_active = False
        client.user.save(update_fields=["is_active"])


def _enable(user: User, two_factor: TwoFactor, phone: str, *, days: int) -> None:
    """A factor in force for so many days. Nobody typed its first code: this is a demo."""
    since = timezone.now() - timedelta(days=days)
    if two_factor in {TwoFactor.AUTHENTICATOR, TwoFactor.BOTH}:
        Authenticator.objects.create(
            user=user, seed=totp.new_seed(), confirmed=True, created_at=since, confirmed_at=since
        )
    if two_factor in {TwoFactor.SMS, TwoFactor.BOTH}:
        SmsConfirmation.objects.create(
            user=user, number=phone, confirmed=True, created_at=since, confirmed_at=since
        )
    two_factor_column.refresh(user)


def _providers() -> list[ProviderFields]:
    return [
        ProviderFields(
            backend="sandbox",
            caption="Sandbox",
            name="sandbox",
            enabled=True,
            priority=10,
            credentials={"behaves_as": "works"},
        ),
        ProviderFields(
            backend="twilio",
            caption="Twilio",
            name="twilio",
            enabled=False,
            priority=20,
            credentials={
                "account_sid": "AC" + "0" * 32,
                "auth_token": secrets.token_hex(16),
                "from_number": "+15005550006",
            },
        ),
    ]
