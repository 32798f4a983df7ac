from smsproviders.backends.twilio.backend import TwilioBackend

__all__ = ["TwilioBackend"]
