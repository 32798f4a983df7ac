"""Telling operators by e-mail: through the durable outbox that clients' notices go through.

Called in the transaction that writes down what was told, so it is told once or not yet.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise

from clients.models import User
from twofa import notices, texts

Words = str | Promise

logger = logging.getLogger(__name__)


class AlertKind(StrEnum):
    OPERATOR = "operator_alert"  # the texts are templates/alerts/operator_alert.*


@dataclass(frozen=True, slots=True)
class Alert:
    """What an operator reads: lazy words, put into his own language when they are written down.

    `path` is of the page where he goes on. No secret, no client's name or number belongs in here.
    """

    about: Words
    title: Words
    what: Words
    to_do: Words
    since: datetime
    path: str


def tell_operators(permission: str, alert: Alert) -> int:
    """Queue an e-mail to each active operator who holds the permission; how many they are."""
    told = 0
    for user in operators_with(permission):
        with translation.override(texts.language_of(user)):
            notices.tell(user, AlertKind.OPERATOR, _facts(alert))
        told += 1
    if not told:
        logger.warning("nobody is there to be told", extra={"permission": permission})
    return told


def operators_with(permission: str) -> QuerySet[User]:
    """By `app.codename`: theirs, their groups', or a superuser's."""
    app, _dot, codename = permission.partition(".")
    same = {"codename": codename, "content_type__app_label": app}
    holds = (
        Q(is_superuser=True)
        | Q(**{f"user_permissions__{name}": value for name, value in same.items()})
        | Q(**{f"groups__permissions__{name}": value for name, value in same.items()})
    )
    active = User.objects.filter(is_staff=True, is_active=True)
    return active.filter(holds).select_related("client").distinct().order_by("pk")


def _facts(alert: Alert) -> dict[str, str | int]:
    since = alert.since.astimezone(timezone.get_default_timezone())
    return {
        "about": " ".join(str(alert.about).split()),
        "title": str(alert.title),
        "what": str(alert.what),
        "to_do": str(alert.to_do),
        "since": f"{since:%Y-%m-%d %H:%M}",
        "link": f"{settings.PUBLIC_URL}{alert.path}",
    }
