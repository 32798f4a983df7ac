"""What an incident concerns: a provider, a country, the first digits of numbers, or several."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """Each part empty where the incident is not confined to one; nothing set: all sending."""

    provider_id: UUID | None = None
    country: str = ""
    prefix: str = ""

    def covers(self, other: "Scope") -> bool:
        """Whether all that lies in the other lies in this one."""
        return (
            self.provider_id in (None, other.provider_id)
            and self.country in ("", other.country)
            and other.prefix.startswith(self.prefix)
        )

    def holds(self, provider_id: UUID | None, country: str, number: str) -> bool:
        """Whether a send by that provider to that number lies in it."""
        return (
            self.country in ("", country)
            and number.startswith(self.prefix)
            and (self.provider_id is None or self.provider_id == provider_id)
        )

    def reaches(self, country: str, number: str) -> bool:
        """Whether a number may be concerned, whichever provider it is sent by."""
        return self.country in ("", country) and number.startswith(self.prefix)


EVERYTHING = Scope()
