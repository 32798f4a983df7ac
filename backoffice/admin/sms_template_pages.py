"""The pages of one text: writing it with a preview, and going back to the built-in one."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from backoffice.admin.model_admin import MAY_READ_LOGS, operator_of
from backoffice.admin.sms_template_view import (
    BUILT_IN,
    EDIT,
    LIST,
    changer_names,
    direction,
    language_words,
    preview,
    title_of,
)
from smsproviders import template_changes, templating, text_kinds
from smsproviders.models import SmsTemplate
from smsproviders.template_rules import cleaned, problems
from smsproviders.text_kinds import BRAND, CODE, TextKind, UnknownPurpose

FOLDER = "admin/smsproviders/templates/"
LENGTH = 2000  # far more than any number of segments that can be allowed


class TextForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        max_length=LENGTH,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "true"}),
    )
    # The own text as it was when the page was made: a colleague may have saved another since.
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class TemplateView(View):
    """One purpose in one language, for who holds the permission of the method."""

    permissions: ClassVar[dict[str, str]] = {}
    kind: TextKind
    language: str
    own: SmsTemplate | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.kind, self.language = _place_or_404(kwargs["purpose"], kwargs["language"])
        rows = SmsTemplate.objects.filter(purpose=self.kind.purpose, language=self.language)
        self.own = rows.first()
        if not self.may("view") or (request.method == "POST" and not self.may(self.act())):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def act(self) -> str:
        """What a POST does: the name in its permission."""
        raise NotImplementedError

    def may(self, act: str) -> bool:
        return self.request.user.has_perm(f"smsproviders.{act}_smstemplate")

    def page(self, name: str, **context: Any) -> TemplateResponse:
        name_of_language, local_name = language_words(self.language)
        frame = {
            **admin.site.each_context(self.request),
            "opts": SmsTemplate._meta,
            "title": self.kind.words,
            "kind": self.kind,
            "language": self.language,
            "language_name": name_of_language,
            "language_local_name": local_name,
            "direction": direction(self.language),
            "own": self.own,
            "edit": reverse(EDIT, args=[self.kind.purpose, self.language]),
            "list": self.list_address(),
        }
        return TemplateResponse(self.request, FOLDER + name, {**frame, **context})

    def list_address(self) -> str:
        return f"{reverse(LIST)}#{self.kind.purpose}-{self.language}"

    def done(self, words: str, *, level: int = messages.SUCCESS) -> HttpResponse:
        messages.add_message(self.request, level, words)
        return redirect(self.list_address())


class TextPage(TemplateView):
    """*Preview* shows, saving nothing; the script asks for the preview alone as one types."""

    def act(self) -> str:
        return "change" if self.own else "add"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        own = self.own.text if self.own else ""
        return self.show(TextForm(initial={"text": own or self.sent(), "seen": own}))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = TextForm(request.POST)
        if "part" in request.POST:
            shown = preview(self.kind, _typed(form), self.language)
            return self.page("_preview.html", preview=shown)
        if "preview" in request.POST or not form.is_valid():
            return self.show(form)
        try:
            changed = template_changes.change(
                self.kind.purpose,
                self.language,
                form.cleaned_data["text"],
                actor=operator_of(request),
                seen=form.cleaned_data["seen"],
            )
        except ValidationError as error:
            form.add_error("text", error.message_dict["text"])
            return self.show(form)
        if not changed:
            return self.done(_("Nothing was changed."), level=messages.INFO)
        return self.done(_("Saved: %s.") % title_of(self.kind, self.language))

    def show(self, form: TextForm) -> HttpResponse:
        form.label_suffix = ""
        field = form.fields["text"]
        field.widget.attrs |= {"lang": self.language, "dir": direction(self.language)}
        field.disabled = not self.may(self.act())
        field.help_text = _(
            "%(code)s becomes the code, %(brand)s the name of the service. The last line, which "
            "browsers and phones read, is added by itself."
        ) % {"code": CODE, "brand": BRAND}
        names = changer_names({self.own.changed_by}) if self.own else {}
        return self.page(
            "text.html",
            form=form,
            preview=preview(self.kind, _typed(form), self.language),
            # What was refused stands at the field; the preview then need not say it again.
            is_refused=bool(form.is_bound and form.errors),
            is_broken=bool(self.own and problems(self.kind, self.own.text)),
            built_in=self.kind.built_in.get(self.language, ""),
            trail_end=title_of(self.kind, self.language),
            changed_by=names.get(self.own.changed_by, "") if self.own else "",
            may_change=self.may(self.act()),
            may_go_back=bool(self.own) and self.may("delete"),
            back=reverse(BUILT_IN, args=[self.kind.purpose, self.language]),
            subject=templating.subject_of(self.kind.purpose, self.language),
            may_read_logs=self.request.user.has_perm(MAY_READ_LOGS),
        )

    def sent(self) -> str:
        """Where there is no own text, the one to begin with: what is sent now."""
        templating.forget()
        return templating.choose(self.kind, self.language, templating.own_texts()).text


class BackToBuiltInPage(TemplateView):
    """Asks first: the own text is gone then, but for the entry in Logs."""

    def act(self) -> str:
        return "delete"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.own is None:
            return self.done(_("There is no text of your own here."), level=messages.INFO)
        if not self.may(self.act()):
            raise PermissionDenied
        others = {
            place: template
            for place, template in templating.own_texts().items()
            if template.pk != self.own.pk
        }
        then = templating.choose(self.kind, self.language, others)
        title = title_of(self.kind, self.language)
        return self.page(
            "built_in.html",
            title=_("Back to the built-in text?"),
            trail=[(title, reverse(EDIT, args=[self.kind.purpose, self.language]))],
            trail_end=_("Back to the built-in text"),
            then=then,
            then_language=language_words(then.language)[0],
            then_direction=direction(then.language),
        )

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        template_changes.back_to_built_in(
            self.kind.purpose, self.language, actor=operator_of(request)
        )
        words = _("Back to the built-in text: %s.")
        return self.done(words % title_of(self.kind, self.language))


def _place_or_404(purpose: str, language: str) -> tuple[TextKind, str]:
    try:
        kind = text_kinds.get(purpose)
    except UnknownPurpose:
        raise Http404 from None
    known = language in text_kinds.languages()
    rows = SmsTemplate.objects.filter(purpose=purpose, language=language)
    if not (known or rows.exists()):
        raise Http404
    return kind, language


def _typed(form: TextForm) -> str:
    return cleaned(str(form["text"].value() or "")[:LENGTH])
