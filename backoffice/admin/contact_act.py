"""Changing a client's e-mail or phone: a right of its own, told to the old address and the new, and
to a confirmed phone that is replaced."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.admin.act_page import ActForm, OwnCodeForm, OwnCodePage
from backoffice.common.masking import mask_phone
from clients import people
from clients.adding import valid_phone
from clients.models import User
from clients.users import normalise
from twofa import notices, old_numbers, texts
from twofa.notices import NoticeKind


class ContactForm(OwnCodeForm):
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254)
    phone = forms.CharField(
        label=gettext_lazy("New phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "placeholder": "+33612345678"}),
    )
    field_order = ("email", "phone", "reason", "ticket", "code")

    def clean_email(self) -> str:
        return normalise(self.cleaned_data["email"])

    def clean_phone(self) -> str:
        phone = self.cleaned_data["phone"].strip()
        return valid_phone(phone) if phone else ""


class ContactPage(OwnCodePage):
    form_class = ContactForm
    dangerous = False

    def may(self) -> bool:
        allowed = self.operator.has_perm("clients.change_contact")
        return allowed and not self.client.user.is_staff

    def initial(self) -> dict[str, Any]:
        return {"email": self.client.user.email}

    def facts(self) -> dict[str, Any]:
        return {
            "title": _("Change e-mail or phone"),
            "summary": _("Notices about this account go to this e-mail address."),
            "warning": _(
                "The old and the new address are both told. For 24 hours after it no factor of "
                "this client can be disabled."
            ),
            "button": _("Change the contact of %(client)s") % {"client": self.client},
            "test_name": "confirm-contact",
        }

    def show(self, form: ActForm, **more: Any) -> HttpResponse:
        phone = mask_phone(str(self.client.phone)) if self.client.phone else _("none")
        form.fields["phone"].help_text = _(
            "Now: %(phone)s. Leave it empty to keep it. SMS confirmation keeps its own number."
        ) % {"phone": phone}
        return super().show(form, **more)

    def act(self, form: ActForm) -> HttpResponse:
        try:
            change = self._change(form)
        except IntegrityError:
            form.add_error("email", _("Another account has this address."))
            return self.show(form)
        if not change.fields:
            return self.back(_("Nothing was changed."), level=messages.INFO)
        return self.back(_("The contact of %(client)s is changed.") % {"client": self.client})

    def _change(self, form: ActForm) -> people.ContactChange:
        values = form.cleaned_data
        with transaction.atomic():
            before = User.objects.select_related("client").get(pk=self.client.user_id)
            change = people.change_contact(
                self.client,
                email=values["email"],
                phone=values["phone"] or str(self.client.phone),
                operator=self.operator,
                reason=values["reason"],
            )
            if change.fields:
                notices.tell(before, NoticeKind.CONTACT_CHANGED)
            if "email" in change.fields:
                after = User.objects.get(pk=self.client.user_id)
                notices.tell(after, NoticeKind.CONTACT_CHANGED)
            # One that nobody confirmed may be a stranger's.
            if "phone" in change.fields and before.client.phone_confirmed_at:
                body = texts.phone_changed_body(language=texts.language_of(before))
                old_numbers.tell(change.old_phone, body)
        return change
