"""The 2FA section of a client's page: per factor what is enabled, since when, what may be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.admin import caller_section
from backoffice.admin.display import Tone, Words
from backoffice.common.masking import mask_phone
from clients import people
from clients.models import Client, User
from twofa import client_trials, factor_facts, resets
from twofa.diagnosis.person import Person
from twofa.diagnosis.words import exactly
from twofa.factor_rows import FactorRows
from twofa.results import FactorFacts, Overview
from twofa.vocabulary import MAIN_FACTORS, FactorKind

DISABLE_WORDS = {
    FactorKind.AUTHENTICATOR: _("Disable Google Authenticator"),
    FactorKind.SMS: _("Disable SMS confirmation"),
}


@dataclass(frozen=True, slots=True)
class FactorCard:
    """One factor as the section shows it. `disable_address` "" when there is no button."""

    kind: FactorKind
    words: Words
    facts: FactorFacts
    state: Words
    tone: Tone
    number: str
    disable_words: Words
    disable_address: str
    clock: Words = ""  # how far the app's is known to be off


def context(person: Person, devices: FactorRows, operator: User) -> dict[str, Any]:
    """Of a person with a client, from rows that were read already."""
    client, overview = person.user.client, factor_facts.overview_of(devices, person.state)
    may_disable = resets.may_disable(operator, person.user)
    hard = overview.lock is not None and overview.lock.is_hard
    may_unlock = resets.may_unlock(operator, person.user, hard=hard)
    return {
        "two_factor": overview,
        "factor_cards": [
            _card(client, overview.factors[kind], may_disable=may_disable) for kind in MAIN_FACTORS
        ],
        "recovery": overview.factors.get(FactorKind.RECOVERY),
        "held_until": person.held_until,
        "on_hold_until": person.on_hold_until,
        "test_sms_address": _test_sms_address(person, devices, operator),
        "unlock_address": _unlock_address(client) if may_unlock and is_locked(overview) else "",
        **caller_section.context(client, operator, overview),
    }


def is_locked(overview: Overview) -> bool:
    return overview.lock is not None or overview.recovery_locked_until is not None


def held_until(user: User) -> datetime | None:
    return people.contact_held_until(user)


def _card(client: Client, facts: FactorFacts, *, may_disable: bool) -> FactorCard:
    state, tone = _state(facts)
    address = ""
    if may_disable and (facts.enabled or facts.begun_at):
        address = reverse("admin:clients_client_disable", args=[client.pk, facts.kind.value])
    return FactorCard(
        kind=facts.kind,
        words=facts.kind.label,
        facts=facts,
        state=state,
        tone=tone,
        number=mask_phone(facts.number) if facts.number else "",
        disable_words=DISABLE_WORDS[facts.kind],
        disable_address=address,
        clock=_clock(facts.drift) if facts.drift else "",
    )


def _clock(drift: timedelta) -> str:
    off = exactly(drift)
    return (_("%s fast") if drift > timedelta(0) else _("%s slow")) % off


def _state(facts: FactorFacts) -> tuple[Words, Tone]:
    if facts.enabled and not facts.method_on:
        return _("Enabled, but switched off in System > Settings"), Tone.WARN
    if facts.enabled:
        return _("Enabled"), Tone.OK
    if facts.begun_at:
        return _("Begun, not finished"), Tone.WARN
    return _("Not enabled"), Tone.CALM


def _test_sms_address(person: Person, devices: FactorRows, operator: User) -> str:
    if not devices.numbers or not client_trials.may_send(operator, person.user):
        return ""
    return reverse("admin:clients_client_test_sms", args=[person.user.client.pk])


def _unlock_address(client: Client) -> str:
    return reverse("admin:clients_client_unlock", args=[client.pk])
