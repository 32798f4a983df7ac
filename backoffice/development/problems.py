"""What stops the start, told to a newcomer in one line."""


class CannotStart(Exception):
    """Its text says what is wrong and what to do; printed without a traceback, exit 1."""
