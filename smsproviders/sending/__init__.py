"""From a row of the outbox to a provider and back.

`next_step` and `standing` decide, and touch nothing; `moving` applies what they say under the
message's lock; `delivering` is the way of one task through them.
"""
