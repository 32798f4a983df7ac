"""Somebody whose browser is trusted, and what that browser keeps."""

from clients.models import User
from tests.twofa import people
from tests.twofa.pages import Person, next_code_please
from tests.twofa.people import app_code
from twofa.models import Authenticator

SESSION, TRUSTED = "__Host-session", "__Host-trusted"
CHROME = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
CODE_PAGE = "/sign-in/verify/"


def browser(user_agent: str = CHROME) -> Person:
    return Person(headers={"user-agent": user_agent})


def trusting(user: User, person: Person | None = None) -> tuple[Person, Authenticator]:
    """Signed in by an authenticator, with the tick; the app's code may be used again."""
    device = Authenticator.objects.filter(user=user).first() or people.authenticator(user)
    person = (person or browser()).sign_in(user.email)
    person.submit("code", app_code(device), trust="on")
    next_code_please(device)
    return person, device


def cookie(person: Person) -> str:
    return person.http.cookies[TRUSTED].value if TRUSTED in person.http.cookies else ""


def comes_back(person: Person, user: User) -> str:
    """Close the browser, open it again, type e-mail and password; where that leads."""
    person.http.cookies.pop(SESSION, None)
    return person.sign_in(user.email).path
