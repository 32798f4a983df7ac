"""Finding a client by whatever an operator was told: e-mail, name, phone, ID, code reference.

Each way is a query of its own with its own index, stopped after the newest `MOST` hits: one query
with OR over two tables would scan both, and nobody reads a thousand hits.
"""

import re
from dataclasses import dataclass

import phonenumbers
from django.db.models import Q, QuerySet

from backoffice.admin.distinct_values import distinct_values
from clients.models import Client
from twofa import lost_device
from twofa.diagnosis import moments

_NUMBER = re.compile(r"[+(\d][\d\s().\-/\u00a0\u2010-\u2015]*")
# Fewer digits would match half of all numbers.
SHORTEST_PART = 4
LARGEST_ID = 2**63 - 1
LONGEST = 200
MOST = 1000


@dataclass(frozen=True, slots=True)
class Hits:
    """Those of the clients that the text may mean. `is_cut`: only the newest of them."""

    clients: QuerySet[Client]
    is_cut: bool = False


def search(clients: QuerySet[Client], text: str) -> Hits:
    text = text.strip().replace("\x00", "")[:LONGEST]
    if not text:
        return Hits(clients)
    if _NUMBER.fullmatch(text):
        ways = _by_number(text)
    elif "@" in text:
        # A whole address is one client's: no part of another's was meant, and at a million clients
        # looking for it as a part takes four times as long.
        whole = list(clients.filter(user__email=text.lower()).values_list("pk", flat=True))
        if whole:
            return Hits(clients.filter(pk__in=whole))
        ways = [Q(user__email__icontains=text)]
    else:
        ways = _by_words(text)
    ways.extend(_by_reference(text))
    found: set[int] = set()
    for way in ways:
        if len(found) < MOST:
            newest = clients.filter(way).order_by("-pk").values_list("pk", flat=True)
            found.update(newest[:MOST])
    return Hits(clients.filter(pk__in=found), is_cut=len(found) >= MOST)


def _by_number(text: str) -> list[Q]:
    """By ID, by phone in any format, or by a part of a phone number."""
    digits = re.sub(r"\D", "", text)
    ways = [Q(phone__in=possible_numbers(text))]
    if digits == text and int(digits) <= LARGEST_ID:
        ways.append(Q(pk=int(digits)))
    part = digits.lstrip("0")
    if len(part) >= SHORTEST_PART:
        ways.append(Q(phone__contains=part))
    return ways


def _by_words(text: str) -> list[Q]:
    """By every word of the name, or by e-mail."""
    words = Q()
    for word in text.split():
        words &= Q(name__icontains=word)
    return [words, Q(user__email__icontains=text)]


def _by_reference(text: str) -> list[Q]:
    """By the short word that every page shows to a client whose code or password failed, or by
    the number of a lost-device request."""
    if text.upper().startswith(lost_device.NUMBER_BEGINS):
        return [Q(user__support_requests__number=text.upper())]
    moment = moments.of(text)
    return [Q(user=moment.user_id)] if moment and moment.user_id else []


def possible_numbers(text: str) -> list[str]:
    """The E.164 numbers that the text can be: international, or national in a client's country."""
    international = re.sub(r"^00", "+", text)
    if international.startswith("+"):
        regions: list[str | None] = [None]
    else:
        regions = [*distinct_values(Client, "country")]
    parsed = (_parsed(international, region) for region in regions)
    return sorted({number for number in parsed if number})


def _parsed(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
