"""The pages of the door, from the password to the ways round a code that does not come."""

from datetime import timedelta
from typing import Any
from unittest import mock

import time_machine
from django.test import RequestFactory, override_settings
from django.utils import timezone
from django.utils.translation import get_language

from backoffice import error_pages
from backoffice.audit import log
from backoffice.common.request_context import RequestContext, during
from backoffice.policy import changes
from smsproviders.vocabulary import Cause, MessageState
from tests.client_pages.visits import EMAIL, NUMBER, Visit, state
from tests.twofa import callers, hits, people
from tests.twofa.pages import Person
from twofa.models import Challenge

DOOR, SMS, APP, WAYS, FAULTS = (
    "Sign-in",
    "Code by SMS",
    "Authenticator",
    "Other ways",
    "Errors",
)


@state(DOOR, "Password")
def sign_in(visit: Visit) -> Person:
    return visit.at_sign_in()


@state(DOOR, "Wrong password")
def wrong_password(visit: Visit) -> Person:
    return visit.person().sign_in(EMAIL, "not this one")


@state(DOOR, "Nothing typed", further=True)
def nothing_typed(visit: Visit) -> Person:
    return visit.at_sign_in().submit("email", "", password="")


@state(DOOR, "Too many passwords")
def too_many_passwords(visit: Visit) -> Person:
    person = visit.person()
    with mock.patch("axes.handlers.proxy.AxesProxyHandler.is_allowed", return_value=False):
        return person.sign_in(EMAIL)


@state(SMS, "Code on its way", further=True)
def code_sending(visit: Visit) -> Person:
    return visit.at_sms_code()


@state(SMS, "Code handed to the network", further=True)
def code_handed_over(visit: Visit) -> Person:
    person = visit.at_sms_code()
    visit.delivery(state=MessageState.SENT, accepted_at=timezone.now())
    return person.open(person.path)


@state(SMS, "Code delivered")
def code_delivered(visit: Visit) -> Person:
    person = visit.at_sms_code()
    now = timezone.now()
    visit.delivery(state=MessageState.DELIVERED, accepted_at=now, delivered_at=now)
    return person.open(person.path)


@state(SMS, "Code not delivered")
def code_undelivered(visit: Visit) -> Person:
    people.authenticator(visit.user)
    people.codes(visit.user)
    people.sms(visit.user, NUMBER)
    person = visit.after_password().open("/sign-in/other/").press("way", "sms")
    visit.delivery(state=MessageState.FAILED, cause=Cause.OPTED_OUT)
    return person.open("/sign-in/verify/")


@state(SMS, "Code refused by a limit", further=True)
def code_refused(visit: Visit) -> Person:
    changes.change({"cap_number_hour": "1"}, actor=log.SYSTEM)
    person = visit.at_sms_code()
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        return person.press("resend")


@state(SMS, "Resend pressed too soon", further=True)
def code_too_soon(visit: Visit) -> Person:
    return visit.at_sms_code().press("resend")


@state(SMS, "Provider down: text messages are delayed")
def code_delayed(visit: Visit) -> Person:
    people.authenticator(visit.user)
    people.sms(visit.user, NUMBER)
    hits.incident()
    return visit.after_password().open("/sign-in/other/").press("way", "sms")


@state(SMS, "Wrong code")
def code_wrong(visit: Visit) -> Person:
    person = visit.at_sms_code()
    wrong = people.wrong_sms_code(visit.code())
    return person.submit("code", wrong).submit("code", wrong)


@state(SMS, "No code typed", further=True)
def code_empty(visit: Visit) -> Person:
    return visit.at_sms_code().submit("code", "")


@state(SMS, "Code expired")
def code_expired(visit: Visit) -> Person:
    person = visit.at_sms_code()
    code = visit.code()
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        return person.submit("code", code)


@state(APP, "Code of the app")
def app_code(visit: Visit) -> Person:
    return visit.at_app_code()[0]


@state(APP, "Code of the app, and the browser may be trusted", further=True)
def app_code_trust(visit: Visit) -> Person:
    changes.change({"trusted_browsers": "on"}, actor=log.SYSTEM)
    return app_code(visit)


@state(APP, "Wrong code of the app", further=True)
def app_wrong(visit: Visit) -> Person:
    person, device = visit.at_app_code()
    return person.submit("code", people.wrong_app_code(device))


@state(APP, "Code of the app used already", further=True)
def app_reused(visit: Visit) -> Person:
    person, device = visit.at_app_code()
    code = people.app_code(device)
    person.submit("code", code)
    return visit.after_password().submit("code", code)


@state(APP, "The phone's clock is off")
def app_clock(visit: Visit) -> Person:
    person, device = visit.at_app_code()
    person.submit("code", people.app_code(device, steps=8))
    return person.submit("code", people.app_code(device, steps=9))


@state(APP, "Locked", further=True)
def app_locked(visit: Visit) -> Person:
    person, device = visit.at_app_code()
    wrong = people.wrong_app_code(device)
    for _ in range(5):
        person.submit("code", wrong)
    return person


@state(APP, "Two codes in a row, allowed by support", further=True)
def resynchronise(visit: Visit) -> Person:
    people.authenticator(visit.user)
    callers.allowed(visit.user)
    return visit.after_password()


@state(APP, "Two codes in a row, one wrong")
def resynchronise_wrong(visit: Visit) -> Person:
    people.authenticator(visit.user)
    callers.allowed(visit.user)
    return visit.after_password().submit("first", "123456", second="12")


@state(WAYS, "Sign in another way")
def other_ways(visit: Visit) -> Person:
    people.authenticator(visit.user)
    people.sms(visit.user, NUMBER)
    people.codes(visit.user)
    return visit.after_password().open("/sign-in/other/")


@state(WAYS, "Recovery code", further=True)
def recovery(visit: Visit) -> Person:
    people.authenticator(visit.user)
    people.codes(visit.user)
    return visit.after_password().open("/sign-in/recovery/")


@state(WAYS, "Not a recovery code")
def recovery_wrong(visit: Visit) -> Person:
    return recovery(visit).submit("code", "nonsense")


@state(WAYS, "Code from support")
def support_code(visit: Visit) -> Person:
    people.authenticator(visit.user)
    return visit.after_password().open("/sign-in/support-code/")


@state(WAYS, "Support asks whether it is you")
def approval(visit: Visit) -> Person:
    return visit.person().open(_asked(visit))


@state(WAYS, "You said that it was not you", further=True)
def approval_denied(visit: Visit) -> Person:
    return visit.person().open(_asked(visit)).press("answer", "no")


@state(WAYS, "A link that is over")
def approval_over(visit: Visit) -> Person:
    return visit.person().open(f"/approve/{'x' * 43}/")


def _asked(visit: Visit) -> str:
    people.sms(visit.user, NUMBER)
    operator = people.operator()
    operator.name = "Dora Desk"
    operator.save()
    return callers.asked_to_approve(visit.user, operator)[1]


@state(WAYS, "The sign-in was begun too long ago", further=True)
def begun_too_long_ago(visit: Visit) -> Person:
    person = visit.at_sms_code()
    Challenge.objects.all().delete()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        return person.open("/sign-in/verify/")


@state(FAULTS, "400")
def error_400(visit: Visit) -> Person:
    with override_settings(ALLOWED_HOSTS=["another.example"]):
        return visit.at_sign_in()


@state(FAULTS, "403, of a form that was open too long")
def error_403_form(visit: Visit) -> Person:
    person = visit.person()
    return _only(visit, person.http.post("/sign-in/", {"email": EMAIL}))


@state(FAULTS, "403")
def error_403(visit: Visit) -> Person:
    return visit.signed_in().open("/admin/")


@state(FAULTS, "404")
def error_404(visit: Visit) -> Person:
    return visit.person().open("/no-such-page/")


@state(FAULTS, "500")
def error_500(visit: Visit) -> Person:
    request = RequestFactory().get("/")
    request.LANGUAGE_CODE = get_language()  # type: ignore[attr-defined]
    with during(RequestContext(request_id="01a20ea8-a758-7102-85d9-4e0374572aed")):
        return _only(visit, error_pages.server_error(request))


def _only(visit: Visit, response: Any) -> Person:
    person = visit.person()
    person.response, person.path = response, "/"
    return person
