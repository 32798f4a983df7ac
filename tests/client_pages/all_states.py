"""Every state, registered by the modules that are imported here."""

from tests.client_pages import door_states, security_states, way_back_states
from tests.client_pages.visits import STATES, State

MODULES = (door_states, way_back_states, security_states)


def all_states() -> list[State]:
    return list(STATES.values())
