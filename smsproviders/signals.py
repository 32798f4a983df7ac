"""News for the layers above."""

from django.dispatch import Signal

# A message changed its state. Sent after the commit, robustly: a receiver's failure is logged and
# stops nobody. Arguments: message_id (UUID), reference (str), state (MessageState), cause (str).
message_moved = Signal()
