"""The prefix of a number: the number without its last four digits.

One block of ten thousand neighbours, everywhere: in the caps, the pauses and the figures. Pumping
dials such blocks through; a wider prefix (three national digits) is a whole area code in North
America and a million people elsewhere, whom thirty abandoned messages must not shut out.
"""

from django.db.models import F, IntegerField, Value
from django.db.models.functions import Greatest, Length, Substr

LAST_DIGITS = 4


def prefix_of(number: str) -> str:
    return number[:-LAST_DIGITS]


def prefix_column(number: str) -> Substr:
    """The same, of a column of that name, for a generated one."""
    rest = Greatest(Length(F(number)) - Value(LAST_DIGITS), Value(0), output_field=IntegerField())
    return Substr(number, 1, rest)
