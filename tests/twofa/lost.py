"""Clients who lost phone and app, and what support does about it."""

import re
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from clients.models import User
from twofa import lost_device, lost_device_desk, tasks
from twofa.lost_device_desk import Handled
from twofa.models import Notice, SupportRequest


def asked(user: User) -> SupportRequest:
    found = lost_device.ask(user)
    assert isinstance(found, SupportRequest), found
    return found


def link(user: User) -> str:
    """The path in the newest e-mail about the request."""
    notice = Notice.objects.filter(user=user, kind__startswith="lost_device").latest("id")
    tasks.send_notice(str(notice.pk))
    found = re.search(r"https?://[^/\s]+(/lost-device/\S+/)", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[1]


def proved(request: SupportRequest, operator: User) -> None:
    """Every proof is ticked."""
    for proof in request.proofs.filter(checked_at=None):
        done = lost_device_desk.check(request, proof.pk, operator=operator, is_proved=True)
        assert done is Handled.DONE


def ripe(request: SupportRequest) -> None:
    """As if it had waited long enough."""
    SupportRequest.objects.filter(pk=request.pk).update(at=timezone.now() - timedelta(hours=2))
