"""News from `clients` for the layers above. Sent inside the transaction of the change."""

from django.dispatch import Signal

# user, session (UserSession; None: all of them). Somebody ends sessions from elsewhere, as when an
# account is blocked or a factor changed: what could bring them back must end too. Sent before they
# end, so that a sign-in at the same moment comes either before, and is ended, or after.
sessions_end = Signal()

# link (PasswordLink), token. Somebody who was added is to choose a password: to be told by e-mail.
invited = Signal()
