"""Countries of the load, with mobile numbers as their numbering plans have them."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Country:
    """`share` of all clients; a number is `begin` and then so many random `digits`."""

    code: str
    share: int
    language: str
    begin: str
    digits: int

    def number(self, random: Random) -> str:
        """A mobile number in E.164."""
        return f"{self.begin}{random.randrange(10**self.digits):0{self.digits}d}"


COUNTRIES = (
    Country("FR", 22, "fr", "+3361", 7),
    Country("DE", 18, "de", "+49151", 8),
    Country("GB", 14, "en", "+44740", 7),
    Country("ES", 9, "es", "+34612", 6),
    Country("IT", 8, "en", "+39333", 7),
    Country("US", 8, "en", "+14152", 6),
    Country("PL", 6, "en", "+48601", 6),
    Country("NL", 5, "en", "+3161", 7),
    Country("PT", 3, "en", "+35191", 7),
    Country("BE", 2, "fr", "+32470", 6),
    Country("AT", 2, "de", "+43664", 7),
    Country("AE", 3, "ar", "+97150", 7),  # not served unless allowed
)
SHARES = tuple(country.share for country in COUNTRIES)
