"""E-mails as one reads them in a terminal: words and links, without the HTML.

Written past Celery, which makes a line of its log of each and masks what is secret there: nobody
could follow a link. For development only.
"""

import sys
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend as ConsoleBackend

INDENT = "    "


class EmailBackend(ConsoleBackend):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"stream": sys.__stdout__, **kwargs})

    def write_message(self, message: EmailMessage) -> None:
        lines = [f"E-mail to {', '.join(message.recipients())}: {message.subject}"]
        lines += [f"{INDENT}{line}" for line in str(message.body).splitlines() if line.strip()]
        self.stream.write("\n".join([*lines, ""]))
