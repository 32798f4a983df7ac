"""The ways back: a forgotten password, a lost device; and a browser that is trusted."""

import json
from datetime import timedelta
from unittest import mock

from backoffice.audit import log
from backoffice.policy import changes
from tests.client_pages.visits import EMAIL, NUMBER, Visit, state
from tests.twofa import lost, people, trusting
from tests.twofa.pages import Person
from twofa import lost_device_desk, password_resets
from twofa.models import Notice

PASSWORD, LOST, TRUST = "Forgotten password", "Lost device", "Trusted browser"
FORGOT = "/sign-in/forgot/"


@state(PASSWORD, "Ask for a link")
def forgot(visit: Visit) -> Person:
    return visit.person().open(FORGOT)


@state(PASSWORD, "Not an address", further=True)
def forgot_wrong(visit: Visit) -> Person:
    return forgot(visit).submit("email", "nobody")


@state(PASSWORD, "Too many requests", further=True)
def forgot_too_many(visit: Visit) -> Person:
    with mock.patch.object(password_resets, "ask", return_value=False):
        return forgot(visit).submit("email", EMAIL)


@state(PASSWORD, "The link is on its way")
def forgot_sent(visit: Visit) -> Person:
    return forgot(visit).submit("email", EMAIL)


@state(PASSWORD, "Choose a password")
def choose_password(visit: Visit) -> Person:
    person = forgot_sent(visit)
    password_resets.sweep()
    notice = Notice.objects.get(kind="password_reset")
    link: str = json.loads(notice.context)["link"]
    return person.open("/password/" + link.partition("/password/")[2])


@state(PASSWORD, "A password that will not do, for a forgotten one", further=True)
def choose_password_refused(visit: Visit) -> Person:
    return choose_password(visit).submit("new_password", "short", repeated="other")


@state(PASSWORD, "A link that is over")
def password_link_over(visit: Visit) -> Person:
    return visit.person().open(f"/password/{'x' * 43}/")


@state(LOST, "Before asking")
def lost_device(visit: Visit) -> Person:
    people.authenticator(visit.user)
    people.sms(visit.user, NUMBER)
    return visit.after_password().open("/sign-in/lost/")


@state(LOST, "Asked, after the password", further=True)
def lost_device_asked(visit: Visit) -> Person:
    return lost_device(visit).press("ask")


@state(LOST, "Asked, from the e-mail")
def lost_device_received(visit: Visit) -> Person:
    return lost_device_asked(visit).open(lost.link(visit.user))


@state(LOST, "Asked already", further=True)
def lost_device_standing(visit: Visit) -> Person:
    return lost_device_asked(visit).open("/sign-in/lost/")


@state(LOST, "Support asks for more", further=True)
def lost_device_question(visit: Visit) -> Person:
    person = lost_device_received(visit)
    operator = people.operator()
    request = visit.lost_request()
    lost_device_desk.take(request, operator=operator)
    question = "Please send the photo once more: the date cannot be read."
    lost_device_desk.ask_more(request, operator=operator, question=question)
    return person.open("/lost-device/")


@state(LOST, "Refused", further=True)
def lost_device_refused(visit: Visit) -> Person:
    person = lost_device_received(visit)
    reason = "The photo does not show the person of the account."
    lost_device_desk.refuse(visit.lost_request(), operator=people.operator(), reason=reason)
    return person.open("/lost-device/")


@state(LOST, "This was not me", further=True)
def lost_device_denied(visit: Visit) -> Person:
    return lost_device_received(visit).press("answer", "not-me")


@state(LOST, "From the e-mail, overdue", further=True)
def lost_device_overdue(visit: Visit) -> Person:
    people.authenticator(visit.user)
    request = lost.asked(visit.user)
    type(request).objects.update(at=request.at - timedelta(days=3), due_at=request.at)
    return visit.person().open(lost.link(visit.user))


@state(LOST, "A link that leads nowhere")
def lost_device_none(visit: Visit) -> Person:
    return visit.person().open("/lost-device/")


def _trust(visit: Visit) -> Person:
    changes.change({"trusted_browsers": "on"}, actor=log.SYSTEM)
    return visit.person()


@state(TRUST, "The tick on the code page", further=True)
def trust_offered(visit: Visit) -> Person:
    person = _trust(visit)
    people.authenticator(visit.user)
    return person.sign_in(EMAIL)


@state(TRUST, "Among the sessions", further=True)
def trust_listed(visit: Visit) -> Person:
    return trusting.trusting(visit.user, _trust(visit))[0].open("/security/sessions/")
