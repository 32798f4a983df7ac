"""The note of an incident: one for all clients it hit, read by all operators."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from backoffice.admin.model_admin import operator_of
from clients.models import User
from smsproviders import incidents
from smsproviders.models import Incident

MAY_NOTE = "smsproviders.note_incident"
PAGE = "admin:smsproviders_incident_change"


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("Note for all operators"),
        required=False,
        max_length=incidents.NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Stands beside the diagnosis of every client it hits, and in Logs. No passwords, codes "
            "or phone numbers. Clients never see it."
        ),
    )
    use_required_attribute = False


@require_POST
def write_note(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not request.user.has_perm(MAY_NOTE):
        raise PermissionDenied
    incident = get_object_or_404(Incident, pk=pk, part_of=None)
    form = NoteForm(request.POST)
    if form.is_valid():
        incidents.note(incident, form.cleaned_data["note"].strip(), actor=operator_of(request))
        messages.success(request, _("The note is saved."))
    else:
        messages.error(request, " ".join(map(str, form.errors["note"])))
    return redirect(PAGE, pk)


def note_context(incident: Incident, reader: Any) -> dict[str, Any]:
    author = User.objects.filter(pk=incident.noted_by).first() if incident.noted_by else None
    return {
        "may_note": reader.has_perm(MAY_NOTE),
        "note_form": NoteForm(initial={"note": incident.note}, label_suffix=""),
        "note": incident.note,
        "note_author": author.get_full_name() if author else "",
    }
