"""Operators who are signed in with their second factor."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from clients.models import User, UserSession
from twofa.models import Authenticator

PASSWORD = "a long password of tests"


def operator(
    email: str = "operator@example.com",
    *,
    groups: Iterable[str] = (),
    permissions: Iterable[str] = (),
) -> User:
    """`permissions` read `app.codename`."""
    user = User.objects.create_user(email, PASSWORD, is_staff=True)
    user.groups.set(Group.objects.filter(name__in=list(groups)))
    for permission in permissions:
        app, _, codename = permission.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def sign_in(client: Client, user: User, *, verified: bool = True) -> Client:
    """As after password and code, or after the password alone."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    if verified:
        factor, _ = Authenticator.objects.get_or_create(
            user=user, confirmed=True, defaults={"seed": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}
        )
        session[DEVICE_ID_SESSION_KEY] = factor.persistent_id
        session.save()
    UserSession.objects.create(user=user, session_key=str(session.session_key))
    return client
