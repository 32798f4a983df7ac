"""Clients > General > "Add client": the client is invited by e-mail to choose a password."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views import View

from backoffice.admin.client_display import address_of
from backoffice.admin.client_form import NO_COUNTRY, ManagerField, managers
from clients import adding, invitations
from clients.invitations import NotInvited
from clients.link_keys import INVITATION_DAYS
from clients.models import Client, ClientType
from twofa.people import signed_in

NOT_INVITED = {
    NotInvited.HAS_PASSWORD: gettext_lazy("The client has chosen a password. Nothing was sent."),
    NotInvited.CLOSED: gettext_lazy("The client cannot sign in. Unblock first; nothing was sent."),
    NotInvited.TOO_MANY: gettext_lazy(
        "The client got several invitations within the last hour. Wait, then send a new one."
    ),
}


class AddForm(forms.ModelForm[Client]):
    email = forms.CharField(  # whether it is one, the domain says, with all that is wrong at once
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=forms.EmailInput,
        help_text=gettext_lazy("The client signs in with it. The invitation goes there."),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "placeholder": "+33612345678"}),
    )
    country = forms.CharField(
        label=gettext_lazy("Country"),
        required=False,
        max_length=2,
        help_text=gettext_lazy("Two letters, such as FR. Left empty it is that of the phone."),
        error_messages={"max_length": NO_COUNTRY},
    )
    manager = ManagerField(
        queryset=managers(),
        required=False,
        label=gettext_lazy("Manager"),
        empty_label=gettext_lazy("nobody"),
    )
    field_order = ("email", "name", "phone", "country", "language", "type", "manager")
    use_required_attribute = False

    class Meta:
        model = Client
        fields = ("name", "language", "type", "manager")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.template_name = "admin/_field.html"  # type: ignore[attr-defined]  # Django 5.0

    def _post_clean(self) -> None:
        """All rules are the domain's."""

    def new(self) -> adding.NewClient:
        values = self.cleaned_data
        return adding.NewClient(
            email=values["email"],
            name=values["name"],
            phone=values["phone"],
            country=values["country"],
            language=values["language"],
            type=ClientType(values["type"]),
            manager=values["manager"],
        )


class AddPage(View):
    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.operator = signed_in(request)
        if not self.operator.has_perm(invitations.ADD):
            raise PermissionDenied

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(AddForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AddForm(request.POST)
        client = self._added(form) if form.is_valid() else None
        if client is None:
            return self._show(form)
        messages.success(request, _added_words(client))
        return HttpResponseRedirect(address_of(client))

    def _added(self, form: AddForm) -> Client | None:
        try:
            return invitations.add_client(form.new(), operator=self.operator)
        except ValidationError as error:
            form.add_error(None, error)
        except IntegrityError:
            form.add_error("email", _("Another account has this address."))
        return None

    def _show(self, form: AddForm) -> HttpResponse:
        context = {
            **admin.site.each_context(self.request),
            "opts": Client._meta,
            "title": _("Add client"),
            "trail_end": _("Add client"),
            "form": form,
            "days": INVITATION_DAYS(),
            "back": reverse("admin:clients_client_changelist"),
        }
        return TemplateResponse(self.request, "admin/clients/client/add.html", context)


def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the invitation again."""
    operator = signed_in(request)
    if not operator.has_perm(invitations.INVITE):
        raise PermissionDenied  # before anything is looked up: a refusal tells nothing
    client = get_object_or_404(Client.objects.select_related("user"), pk=pk)
    result = invitations.invite_again(client, operator=operator)
    if isinstance(result, NotInvited):
        messages.warning(request, NOT_INVITED[result])
    else:
        words = _("The invitation is on its way to %(email)s. An earlier link works no more.")
        messages.success(request, words % {"email": client.user.email})
    return HttpResponseRedirect(address_of(client))


def general_facts(client: Client, operator: Any) -> dict[str, Any]:
    """For General: what became of the invitation, while no password was chosen."""
    standing = invitations.standing(client.user)
    may = standing is not None and invitations.may_invite(operator, client)
    may = may and client.user.may_sign_in
    address = reverse("admin:clients_client_invite", args=[client.pk]) if may else ""
    return {"invitation": standing, "invite_address": address}


def _added_words(client: Client) -> str:
    words = ngettext(
        "%(client)s is added and invited by e-mail. The link works for %(days)d day.",
        "%(client)s is added and invited by e-mail. The link works for %(days)d days.",
        INVITATION_DAYS(),
    )
    return words % {"client": client.name or client.user.email, "days": INVITATION_DAYS()}
