"""Forms with a password in them: signing in, confirming, changing."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from clients.models import User
from twofa.forms.page_form import PageForm

LONGEST_EMAIL = 254  # of User.email; a longer one does not fit django-axes' table either
MANY = 4096  # characters: no password is longer, and hashing more would be a gift to a flooder
# Django's own words, marked since its Arabic lacks them. Every form needs its %d.
_TOO_SHORT = ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
    10,
)


def _password(*, label: Any, autocomplete: str) -> forms.CharField:
    field = forms.CharField(
        label=label,
        strip=False,
        max_length=MANY,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": _("Enter your password.")},
    )
    field.widget.attrs.pop("maxlength", None)
    return field


def _email() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail"),
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={
            "required": _("Enter your e-mail address."),
            "invalid": _("Enter an e-mail address like name@example.com."),
        },
    )


class SignInForm(PageForm):
    email = _email()
    password = _password(label=_("Password"), autocomplete="current-password")


class ConfirmPasswordForm(PageForm):
    """Instead of a code, while the client has no second factor."""

    password = _password(label=_("Your password"), autocomplete="current-password")


class ForgottenForm(PageForm):
    email = _email()


class NewPasswordForm(PageForm):
    new_password = _password(label=_("New password"), autocomplete="new-password")
    repeated = _password(label=_("New password once more"), autocomplete="new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["new_password"].help_text = _(
            "At least ten characters. A few words that belong together only for you are best."
        )

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        new, repeated = values.get("new_password"), values.get("repeated")
        if new and repeated and new != repeated:
            self.add_error("repeated", _("The two new passwords differ."))
        return values


class ChangePasswordForm(NewPasswordForm):
    password = _password(label=_("Present password"), autocomplete="current-password")
    field_order = ("password", "new_password", "repeated")

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        new = values.get("new_password")
        if new and new == values.get("password"):
            self.add_error("new_password", _("This is your present password. Choose another one."))
        return values
