"""Logs: one JSON object a line (or plain lines), without codes, seeds, tokens or whole numbers."""

import logging
from typing import Any

from backoffice.common import request_context
from backoffice.common.masking import mask_email, redact_link_tokens, redact_numbers

# What the SDK logs at INFO is URLs and headers with the credentials in them; Celery logs two lines
# for each task that went well, and a second has hundreds.
QUIET = (
    "twilio.http_client", "requests", "axes", "celery.worker.strategy", "celery.app.trace",
)  # fmt: skip
# It warns of a provider's odd headers with the whole address, in which text and secret may stand.
SILENT = ("urllib3",)
# An id is one of ours; its digits are no number.
_PLAIN_ATTRIBUTES = frozenset({*vars(logging.makeLogRecord({})), "request_id"})
# Anything else that a line is given besides is written as text: Django's own give the request.
_HARMLESS = (bool, int, float, type(None), dict, list, tuple)


class AddRequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        ended: str = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = request_context.current().request_id or ended
        return True


class RedactNumbers(logging.Filter):
    """The last net: our code logs ids, but an exception's text may quote a phone number, and Django
    names the page that failed, which may be a link from an e-mail."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _redacted(record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = _redacted(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        for name, value in vars(record).items():
            if name not in _PLAIN_ATTRIBUTES and not isinstance(value, _HARMLESS):
                setattr(record, name, _redacted(str(value)))
        return True


def _redacted(text: str) -> str:
    return redact_link_tokens(redact_numbers(text))


def guesser(username: str | None, ip_address: str | None, *_: object) -> str:
    """How django-axes names in the logs who typed a wrong password; it may stand in the e-mail."""
    return f"{mask_email(username or '')} from {ip_address or 'no address'}"


def logging_config(*, level: str, style: str) -> dict[str, Any]:
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "request_id": {"()": AddRequestId},
            "numbers": {"()": RedactNumbers},
        },
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
            },
            "console": {"format": "%(levelname)s %(name)s: %(message)s"},
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "filters": ["request_id", "numbers"],
                "formatter": style,
            }
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            **{name: {"level": "WARNING"} for name in QUIET},
            **{name: {"level": "CRITICAL"} for name in SILENT},
        },
    }
