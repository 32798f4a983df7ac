"""The pages behind the door: Profile > Security."""

from django.utils import timezone

from backoffice.audit import log
from backoffice.policy import changes
from smsproviders.vocabulary import MessageState
from tests.client_pages.visits import NUMBER, Visit, state
from tests.twofa import callers, people
from tests.twofa.pages import Person, next_code_please
from twofa import resets, totp
from twofa.models.reset import ResetScope

OVERVIEW, APP, SMS, SPARE, ACCOUNT = (
    "Security",
    "Security: authenticator",
    "Security: SMS",
    "Security: recovery codes",
    "Security: account",
)
ENROL = "/security/authenticator/"


@state(OVERVIEW, "Both factors on")
def security(visit: Visit) -> Person:
    return visit.signed_in().open("/security/")


@state(OVERVIEW, "No factor yet", further=True)
def security_without(visit: Visit) -> Person:
    return visit.signed_in_without_factor()


@state(OVERVIEW, "A factor is required", further=True)
def security_must_enrol(visit: Visit) -> Person:
    changes.change({"require_two_factor": "on"}, actor=log.SYSTEM)
    return visit.signed_in_without_factor()


@state(OVERVIEW, "After a reset by support")
def security_after_reset(visit: Visit) -> Person:
    people.authenticator(visit.user)
    resets.disable(
        visit.user,
        ResetScope.ALL,
        operator=people.operator(),
        reason="phone lost",
        client_request=True,
        ticket="7",
    )
    return visit.after_password()


@state(OVERVIEW, "Support waits for an answer", further=True)
def security_approval(visit: Visit) -> Person:
    person = visit.signed_in()
    callers.asked_to_approve(visit.user, people.operator())
    return person.open("/security/")


@state(OVERVIEW, "Confirm a change with a code", further=True)
def confirm(visit: Visit) -> Person:
    return _stale(visit).open("/security/recovery-codes/").press("make")


@state(OVERVIEW, "Confirm a change, wrong code", further=True)
def confirm_wrong(visit: Visit) -> Person:
    wrong = confirm(visit)
    return wrong.submit("code", people.wrong_app_code(visit.device()))


@state(OVERVIEW, "Confirm a change by SMS")
def confirm_sms(visit: Visit) -> Person:
    return confirm(visit).press("way", "sms")


@state(APP, "Begin", further=True)
def authenticator_begin(visit: Visit) -> Person:
    return visit.signed_in_without_factor().open(ENROL)


@state(APP, "Scan and type a code")
def authenticator_enrol(visit: Visit) -> Person:
    return authenticator_begin(visit).press("begin")


@state(APP, "Wrong code while setting up", further=True)
def authenticator_enrol_wrong(visit: Visit) -> Person:
    return authenticator_enrol(visit).submit("code", "12")


@state(APP, "Replace or disable")
def authenticator_manage(visit: Visit) -> Person:
    return visit.signed_in().open(ENROL)


@state(SMS, "Begin", further=True)
def sms_begin(visit: Visit) -> Person:
    return visit.signed_in_without_factor().open("/security/sms/")


@state(SMS, "What is no number")
def sms_wrong_number(visit: Visit) -> Person:
    return sms_begin(visit).submit("phone", "+33 1")


@state(SMS, "Confirm the number")
def sms_code(visit: Visit) -> Person:
    person = sms_begin(visit).submit("phone", NUMBER)
    visit.delivery(state=MessageState.SENT, accepted_at=timezone.now())
    return person.open("/security/sms/")


@state(SMS, "Change or disable")
def sms_manage(visit: Visit) -> Person:
    return visit.signed_in().open("/security/sms/")


@state(SPARE, "How many are left")
def recovery_codes(visit: Visit) -> Person:
    return visit.signed_in().open("/security/recovery-codes/")


@state(SPARE, "Ten new codes, shown once")
def recovery_codes_shown(visit: Visit) -> Person:
    person = authenticator_enrol(visit)
    key = person.page.attributes["totp-key"]["data-copy"]
    return person.submit("code", totp.code_at(key, totp.step_at(timezone.now())))


@state(ACCOUNT, "Password, before the code")
def password_begin(visit: Visit) -> Person:
    return _stale(visit).open("/security/password/")


@state(ACCOUNT, "Change the password", further=True)
def password(visit: Visit) -> Person:
    person = password_begin(visit)
    if "begin" in dict(button for form in person.page.forms for button in form.buttons):
        person.press("begin")
    if 'name="code"' in person.html:
        next_code_please(visit.device())
        person.submit("code", people.app_code(visit.device()))
    return person


@state(ACCOUNT, "A password that will not do")
def password_refused(visit: Visit) -> Person:
    person = password(visit)
    names = list(person.page.form_with("new_password").fields)
    return person.submit("new_password", "short", **{names[-1]: "short"})


@state(ACCOUNT, "Sessions")
def sessions(visit: Visit) -> Person:
    person = visit.signed_in()
    next_code_please(visit.device())
    other = visit.person().sign_in(visit.user.email)
    if other.path.startswith("/sign-in/verify"):
        other.submit("code", people.app_code(visit.device()))
    return person.open("/security/sessions/")


@state(ACCOUNT, "Sessions, and trusted browsers")
def sessions_trusted(visit: Visit) -> Person:
    changes.change({"trusted_browsers": "on"}, actor=log.SYSTEM)
    device = people.authenticator(visit.user)
    for _ in range(2):
        person = visit.after_password()
        person.submit("code", people.app_code(device), trust="on")
        next_code_please(device)
    return person.open("/security/sessions/")


@state(ACCOUNT, "Activity")
def activity(visit: Visit) -> Person:
    return visit.signed_in().open("/security/activity/")


@state(ACCOUNT, "Support PIN")
def support_pin(visit: Visit) -> Person:
    person = visit.signed_in().open("/security/")
    form = next(form for form in person.page.forms if form.action.endswith("/support-pin/"))
    person.response = person.http.post(form.action, form.fields)
    person.path = form.action
    return person


@state(ACCOUNT, "Signed out", further=True)
def signed_out(visit: Visit) -> Person:
    person = visit.signed_in()
    form = next(form for form in person.page.forms if form.action.endswith("/sign-out/"))
    person.response = person.http.post(form.action, form.fields, follow=True)
    person.path = "/sign-in/"
    return person


def _stale(visit: Visit) -> Person:
    """Signed in so long ago that a change asks for a code."""
    person = visit.signed_in()
    session = person.http.session
    session.pop("step_up", None)
    session.save()
    return person
