"""The catalogue of causes, as data: pages, command, docs and translations are made from it."""

from twofa.diagnosis.catalogue.account import ACCOUNT
from twofa.diagnosis.catalogue.authenticator import AUTHENTICATOR
from twofa.diagnosis.catalogue.entry import Entry
from twofa.diagnosis.catalogue.number import NUMBER
from twofa.diagnosis.catalogue.provider import PROVIDER
from twofa.diagnosis.vocabulary import CauseId

__all__ = ["CATALOGUE", "Entry"]

CATALOGUE: dict[CauseId, Entry] = {
    entry.cause: entry for entry in (*ACCOUNT, *AUTHENTICATOR, *NUMBER, *PROVIDER)
}
