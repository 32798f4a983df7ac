"""The catalogue of causes is complete, and its words fit what the checks give."""

import re
from pathlib import Path

import pytest

from smsproviders.vocabulary import Cause
from twofa.diagnosis import reference
from twofa.diagnosis.catalogue import CATALOGUE
from twofa.diagnosis.vocabulary import Action, CauseId

DOCS = Path(__file__).resolve().parents[2] / "docs" / "causes.md"
FORBIDDEN_BEFORE = re.compile(r"lock|factor|number|clock|offset|authenticator|SMS|provider", re.I)
FORBIDDEN_AFTER = re.compile(r"carrier blocks|fraud|app is lost|%\(provider\)s", re.I)


def test_every_cause_is_in_it() -> None:
    assert set(CATALOGUE) == set(CauseId)


def test_every_cause_of_a_message_is_one_of_them() -> None:
    assert {cause.value for cause in Cause} <= {cause.value for cause in CauseId}


@pytest.mark.parametrize("cause", CauseId)
def test_what_is_said_before_the_caller_is_identified_gives_nothing_away(cause: CauseId) -> None:
    assert not FORBIDDEN_BEFORE.search(str(CATALOGUE[cause].before))


@pytest.mark.parametrize("cause", CauseId)
def test_what_the_client_is_told_accuses_nobody(cause: CauseId) -> None:
    assert not FORBIDDEN_AFTER.search(str(CATALOGUE[cause].after))


def test_every_act_is_offered_by_some_cause() -> None:
    offered = {action for entry in CATALOGUE.values() for action in entry.actions}
    assert offered == set(Action)


def test_the_reference_is_the_catalogue() -> None:
    assert DOCS.read_text() == reference.markdown(), "make causes"
