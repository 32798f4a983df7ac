"""News for the layers above."""

from django.dispatch import Signal

# A message changed its state. Sent after the commit, robustly: a receiver's failure is logged and
# stops nobody. Arguments: message_id (UUID), reference (str), state (MessageState), cause (str).
message_moved = Signal()

# A breaker opened, or is closed again; a probe that failed is no news. Sent after the commit,
# robustly. Arguments: provider_id (UUID), country (str, EVERY_COUNTRY for the whole account),
# opened (bool), cause (str), error_code (str).
breaker_moved = Signal()
