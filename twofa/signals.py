"""News from `twofa` for the layers above. Sent inside the transaction of the change."""

from django.dispatch import Signal

# user, kind (FactorKind): a factor came into force, or went, by the user's own hand.
factor_enabled = Signal()
factor_disabled = Signal()
# user, reset (Reset), removed (tuple of FactorKind)
factor_reset = Signal()
# user, operator (User or None)
unlocked = Signal()
# request (DeskRequest): the first line asked the Security desk.
desk_asked = Signal()
# request (SupportRequest): the client said of a lost-device request "this was not me".
lost_device_denied = Signal()
# approval (Approval): the client said "this was not me".
caller_denied = Signal()
