"""Finding a client by whatever an operator was told: e-mail, name, phone, ID, code reference.

Each way has its index; they are joined by UNION, since OR over two tables would scan both.
"""

import re

import phonenumbers
from django.db.models import Q, QuerySet

from backoffice.admin.distinct_values import distinct_values
from clients.models import Client, User
from twofa.models import Challenge

_NUMBER = re.compile(r"[+(\d][\d\s().\-/\u00a0\u2010-\u2015]*")
_REFERENCE = re.compile(r"[A-Z0-9]{4}-?[A-Z0-9]{4}", re.IGNORECASE)
# Fewer digits would match half of all numbers.
SHORTEST_PART = 4
LARGEST_ID = 2**63 - 1
LONGEST = 200


def search(clients: QuerySet[Client], text: str) -> QuerySet[Client]:
    """Those of the clients that the text may mean."""
    text = text.strip().replace("\x00", "")[:LONGEST]
    if not text:
        return clients
    if _NUMBER.fullmatch(text):
        return clients.filter(pk__in=_by_number(text))
    if "@" in text:
        return clients.filter(user__in=User.objects.filter(email__icontains=text))
    return clients.filter(pk__in=_by_words(text))


def _by_number(text: str) -> QuerySet[Client, int]:
    """By ID, by phone in any format, or by a part of a phone number."""
    digits = re.sub(r"\D", "", text)
    found = Client.objects.filter(phone__in=possible_numbers(text)).values_list("pk", flat=True)
    if digits == text and int(digits) <= LARGEST_ID:
        found = found.union(Client.objects.filter(pk=int(digits)).values_list("pk", flat=True))
    part = digits.lstrip("0")
    if len(part) >= SHORTEST_PART:
        alike = Client.objects.filter(phone__contains=part)
        found = found.union(alike.values_list("pk", flat=True))
    return found


def _by_words(text: str) -> QuerySet[Client, int]:
    """By every word of the name, by e-mail, or by the reference that a code's page shows."""
    words = Q()
    for word in text.split():
        words &= Q(name__icontains=word)
    ways = [
        Client.objects.filter(words),
        Client.objects.filter(user__in=User.objects.filter(email__icontains=text)),
    ]
    if _REFERENCE.fullmatch(text):
        asked = Challenge.objects.filter(public_reference=text.upper())
        ways.append(Client.objects.filter(user__in=asked.values("user")))
    first, *others = [way.values_list("pk", flat=True) for way in ways]
    return first.union(*others)


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
