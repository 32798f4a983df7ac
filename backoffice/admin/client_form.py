"""The profile form of a client: what may be changed without touching how the client signs in."""

from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clients.models import Client, Tag, User

NO_COUNTRY = _("This is not a country. Write two letters, such as FR.")


class ManagerField(forms.ModelChoiceField[User]):
    def label_from_instance(self, obj: User) -> str:
        return obj.get_full_name()


def managers() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True).order_by("email")


class ProfileForm(forms.ModelForm[Client]):
    manager = ManagerField(
        queryset=User.objects.none(), required=False, label=_("Manager"), empty_label=_("nobody")
    )
    tags = forms.ModelMultipleChoiceField(
        queryset=Tag.objects.all(),
        required=False,
        label=_("Tags"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "checks"}),
    )

    class Meta:
        model = Client
        fields = ("name", "type", "country", "language", "verification_level", "manager", "tags")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = self.fields.get("manager")
        if isinstance(manager, ManagerField):
            manager.queryset = managers()
        if "country" in self.fields:
            self.fields["country"].help_text = _("Two letters, such as FR.")
            self.fields["country"].error_messages["max_length"] = NO_COUNTRY

    def clean_country(self) -> str:
        country: str = self.cleaned_data["country"].strip().upper()
        if country and country not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(NO_COUNTRY)
        return country
