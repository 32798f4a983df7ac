"""E-mails in the terminal of `make run`."""

import io

import pytest
from django.core.mail import EmailMultiAlternatives

from backoffice.development import defaults
from backoffice.development.console_mail import EmailBackend

CONSOLE = "django.core.mail.backends.console.EmailBackend"
OURS = "backoffice.development.console_mail.EmailBackend"
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def test_the_words_and_the_whole_link_are_shown_and_no_html() -> None:
    shown = io.StringIO()
    mail = EmailMultiAlternatives(
        subject="Choose a password",
        body="Open:\n\nhttp://x/password/t0ken/\n",
        to=["a@example.com"],
    )
    mail.attach_alternative("<p>Open</p>", "text/html")
    EmailBackend(stream=shown).send_messages([mail])
    assert shown.getvalue() == (
        "E-mail to a@example.com: Choose a password\n    Open:\n    http://x/password/t0ken/\n"
    )


@pytest.mark.parametrize(
    ("parsed", "debug", "used"),
    [(CONSOLE, True, OURS), (CONSOLE, False, CONSOLE), (SMTP, True, SMTP)],
)
def test_only_the_console_of_development_is_replaced(parsed: str, debug: bool, used: str) -> None:
    assert defaults.email_backend(parsed, debug=debug) == used
