"""What is repaired outside the Back Office: what to run, shown in place."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from backoffice.admin.display import Words
from twofa.diagnosis.vocabulary import Action


@dataclass(frozen=True, slots=True)
class How:
    words: Words
    commands: tuple[str, ...]


HOW: dict[Action, How] = {
    Action.START_WORKER: How(
        _(
            "What waits is kept, and goes out by itself when a worker runs; codes that expired "
            "meanwhile do not. Start workers on any host that has the environment of this one, and "
            "the scheduler once:"
        ),
        ("celery -A backoffice worker -P threads -c 16", "celery -A backoffice beat"),
    ),
    Action.FIX_TIME: How(
        _(
            "While our clock is wrong, right codes of authenticator apps are refused. Switch on "
            "time synchronisation on every host that serves pages, and look whether it works:"
        ),
        ("timedatectl set-ntp true", "timedatectl status"),
    ),
    Action.RESTORE_KEY: How(
        _(
            "Every process needs each key that something stored is still encrypted with. Put the "
            "old key behind the newest one in DATA_KEYS, on every host, and restart; then move all "
            "to the newest. If that does not help the row is damaged: disable the factor at the "
            "client's request, so that it can be set up anew."
        ),
        ("DATA_KEYS=newest,old", "python manage.py rotate_data_keys"),
    ),
    Action.SET_PUBLIC_URL: How(
        _(
            "Providers must reach us at the https address in PUBLIC_URL. Set it in the environment "
            "of web server and workers, restart both, and check the provider again:"
        ),
        ("PUBLIC_URL=https://codes.example.com",),
    ),
}
