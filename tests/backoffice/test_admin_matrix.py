"""S47: roles, addresses, methods. Each group reaches its own pages, and none has more."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser
from django.utils import timezone

from backoffice.audit.models import AuditEvent
from clients.models import Client, Tag, User
from smsproviders.models import PauseReason, RoutePause, RouteScope, SmsProvider
from tests.backoffice.books import client as new_client
from tests.backoffice.books import desk, locked, with_both_factors
from tests.backoffice.message_books import message
from tests.twofa import callers, hits, lost
from twofa import desk_requests
from twofa.models import DeskRequest
from twofa.vocabulary import OperatorAct

pytestmark = pytest.mark.django_db
SUPPORT, DESK, INTEGRATOR, AUDITOR, ADMIN = (
    "Support",
    "Security desk",
    "Integrator",
    "Auditor",
    "Administrator",
)
ROLES = (SUPPORT, DESK, INTEGRATOR, AUDITOR, ADMIN)
NOBODY: frozenset[str] = frozenset()
PEOPLE = frozenset({SUPPORT, DESK, ADMIN})
ACTS = frozenset({DESK, ADMIN})
FIRST_LINE = frozenset({SUPPORT, ADMIN})
SENDING = frozenset({INTEGRATOR, ADMIN})
ADMINS = frozenset({ADMIN})
EVERYONE_BUT_AUDITORS = PEOPLE | SENDING
READERS = frozenset({AUDITOR, ADMIN})


@dataclass(frozen=True)
class Address:
    path: str
    may_get: frozenset[str]
    may_post: frozenset[str]


ADDRESSES = (
    Address("clients/client/", PEOPLE, NOBODY),
    Address("clients/client/{client}/change/", PEOPLE, ADMINS),
    Address("clients/client/{client}/two-factor/sms/disable/", ACTS, ACTS),
    Address("clients/client/{client}/two-factor/authenticator/disable/", ACTS, ACTS),
    Address("clients/client/{client}/two-factor/all/disable/", ACTS, ACTS),
    Address("clients/client/lost-devices/", PEOPLE, NOBODY),
    Address("clients/client/lost-devices/{lost}/", PEOPLE, PEOPLE),
    # Support opens the locks that end by themselves, once the caller is identified.
    Address("clients/client/{client}/two-factor/unlock/", PEOPLE, PEOPLE),
    Address("clients/client/{client}/two-factor/resynchronise/", PEOPLE, PEOPLE),
    Address("clients/client/{client}/two-factor/temporary-code/", ACTS, ACTS),
    Address("clients/client/{client}/caller/pin/", NOBODY, PEOPLE),
    Address("clients/client/{client}/caller/approval/", PEOPLE, PEOPLE),
    Address("clients/client/{client}/caller/desk/", NOBODY, FIRST_LINE),
    Address("clients/client/requests/", PEOPLE, NOBODY),
    Address("clients/client/requests/{asked}/decline/", ACTS, ACTS),
    Address("clients/client/not-back-yet/", PEOPLE, NOBODY),
    Address("clients/client/{client}/settings/", PEOPLE, NOBODY),
    Address("clients/client/{client}/sessions/", PEOPLE, NOBODY),
    Address("clients/client/{client}/messages/", PEOPLE, NOBODY),
    Address("clients/client/{client}/activity/", PEOPLE, NOBODY),
    Address("clients/client/{client}/test-sms/", PEOPLE, PEOPLE),
    Address("clients/client/{client}/test-sms/{message}/", PEOPLE, NOBODY),
    Address("clients/client/{client}/test-sms/{message}/state/", PEOPLE, NOBODY),
    Address("clients/client/{client}/block/", ACTS, ACTS),
    Address("clients/client/{client}/contact/", ADMINS, ADMINS),
    Address("clients/client/{client}/sessions/end/", NOBODY, ACTS),
    Address("clients/client/{client}/passwords/forgive/", NOBODY, ACTS),
    Address("clients/client/export/", NOBODY, ADMINS),
    Address("clients/client/blocked/", PEOPLE, NOBODY),
    Address("clients/client/add/", ADMINS, ADMINS),
    Address("clients/client/{client}/invite/", NOBODY, PEOPLE),
    Address("clients/client/{client}/delete/", NOBODY, NOBODY),
    Address("clients/tag/", PEOPLE, NOBODY),
    Address("clients/tag/{tag}/change/", PEOPLE, ADMINS),
    Address("clients/tag/add/", ADMINS, ADMINS),
    Address("clients/tag/{tag}/delete/", ADMINS, ADMINS),
    Address("clients/user/", ADMINS, NOBODY),
    Address("clients/user/{user}/change/", ADMINS, ADMINS),
    Address("clients/user/add/", NOBODY, NOBODY),
    Address("clients/user/{user}/delete/", NOBODY, NOBODY),
    Address("auth/group/", ADMINS, NOBODY),
    Address("auth/group/{group}/change/", ADMINS, ADMINS),
    Address("auth/group/add/", ADMINS, ADMINS),
    Address("auth/group/{group}/delete/", ADMINS, ADMINS),
    Address("policy/systemsetting/", ADMINS, ADMINS),
    Address("smsproviders/smsprovider/", SENDING, NOBODY),
    Address("smsproviders/smsprovider/{provider}/change/", SENDING, SENDING),
    Address("smsproviders/smsprovider/{provider}/checks/", SENDING, NOBODY),
    Address("smsproviders/smsprovider/{provider}/breakers/FR/reset/", SENDING, SENDING),
    Address("smsproviders/smsprovider/{provider}/delete/", ADMINS, ADMINS),
    Address("smsproviders/smsmessage/", EVERYONE_BUT_AUDITORS, NOBODY),
    Address("smsproviders/smsmessage/{message}/change/", EVERYONE_BUT_AUDITORS, NOBODY),
    Address("smsproviders/smsmessage/{message}/send-again/", NOBODY, PEOPLE),
    Address("smsproviders/incident/", EVERYONE_BUT_AUDITORS, NOBODY),
    Address("smsproviders/incident/{incident}/change/", EVERYONE_BUT_AUDITORS, NOBODY),
    Address("smsproviders/incident/{incident}/note/", NOBODY, EVERYONE_BUT_AUDITORS),
    Address("smsproviders/routepause/", EVERYONE_BUT_AUDITORS, NOBODY),
    Address("smsproviders/routepause/{pause}/lift/", ACTS, ACTS),
    Address("smsproviders/smstemplate/", SENDING, SENDING),
    Address("audit/auditevent/", READERS, NOBODY),
    Address("audit/auditevent/export/", READERS, READERS),
)
REFUSED = {403, 405}


@pytest.fixture
def world(db: None) -> dict[str, object]:
    client = locked(with_both_factors(new_client()))
    provider = SmsProvider.objects.create(caption="Main", name="main", backend="twilio")
    empty = Group.objects.create(name="Empty")
    tag = Tag.objects.create(name="vip")
    return {
        "client": client.pk,
        "user": None,
        "group": empty.pk,
        "provider": provider.pk,
        "tag": tag.pk,
        "pause": _pause().pk,
        "incident": hits.incident().pk,
        "message": message().pk,
        "lost": lost.asked(client.user).pk,
        "asked": _asked(client.user),
    }


@pytest.mark.parametrize("role", ROLES)
def test_s47_each_role_reaches_its_own_pages_and_no_other(
    client: Browser, world: dict[str, object], role: str
) -> None:
    world["user"] = desk(client, role).pk
    for address in ADDRESSES:
        path = "/admin/" + address.path.format(**world)
        assert _passes(client.get(path).status_code) == (role in address.may_get), f"GET {path}"


@pytest.mark.parametrize("role", ROLES)
def test_s47_each_role_changes_its_own_things_and_no_other(
    client: Browser, world: dict[str, object], role: str
) -> None:
    world["user"] = desk(client, role).pk
    for address in ADDRESSES:
        if role in address.may_post:
            continue
        path = "/admin/" + address.path.format(**world)
        before = _counted()
        answer = client.post(path, {"session": "x", "name": "Changed", "_save": "1"})
        unchanged = address.path.endswith(
            ("client/", "tag/", "user/", "group/", "provider/", "event/", "pause/")
        )
        assert not _passes(answer.status_code) or unchanged, f"POST {path}: {answer.status_code}"
        assert _counted() == before
    assert not Client.objects.filter(name="Changed").exists()
    assert not Group.objects.filter(name="Changed").exists()
    assert not Tag.objects.filter(name="Changed").exists()


@pytest.mark.parametrize("role", ROLES)
def test_s77_what_was_refused_is_logged(
    client: Browser, world: dict[str, object], role: str
) -> None:
    desk(client, role)
    client.get("/admin/clients/user/add/")
    event = AuditEvent.objects.get(action="backoffice.access_refused")
    assert event.facts == {"method": "GET", "path": "/admin/clients/user/add/"}


def _asked(user: User) -> object:
    first_line = callers.support("first@example.com")
    asked = desk_requests.ask(user, OperatorAct.UNLOCK, operator=first_line, reason="Locked out")
    assert isinstance(asked, DeskRequest)
    return asked.pk


def _pause() -> RoutePause:
    return RoutePause.objects.create(
        scope=RouteScope.PREFIX,
        route="+3361234",
        reason=PauseReason.LOW_CONVERSION,
        ends_at=timezone.now() + timedelta(hours=1),
    )


def _passes(status: int) -> bool:
    assert status < 500
    return status not in REFUSED


def _counted() -> list[int]:
    return [model.objects.count() for model in (Client, Tag, Group, SmsProvider)]


def test_the_groups_hold_acts_of_their_own() -> None:
    held = {
        group.name: set(group.permissions.values_list("codename", flat=True))
        for group in Group.objects.all()
    }
    assert set(held) == set(ROLES)
    acts = {
        "disable_factor",
        "unlock_client",
        "issue_temporary_code",
        "end_sessions",
        "block_client",
    }
    assert acts <= held[DESK]
    assert not acts & (held[SUPPORT] | held[INTEGRATOR] | held[AUDITOR])
    assert held[AUDITOR] == {"view_auditevent", "view_auditseal"}
    assert held[ADMIN] == set().union(*held.values())
