"""The history of one provider's checks: a row for each time it was checked, the newest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.admin.display import Tone, chip
from backoffice.admin.provider_view import CHANGE, TONES, ProviderView
from smsproviders.models import ProviderCheck
from smsproviders.vocabulary import CheckKind, CheckResult

# Single checks; there are up to four of them at a time.
PAGE = 160


@dataclass(frozen=True, slots=True)
class Moment:
    """One time that the provider was checked. `words` are of what is not in order."""

    at: datetime
    chips: list[SafeString] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


class ChecksPage(ProviderView):
    """`before`: only what is older than that check. `show=problems`: only what was a problem."""

    url_name = "smsproviders_smsprovider_checks"
    permission = "smsproviders.view_providercheck"
    template = "admin/smsproviders/checks.html"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        only_problems = request.GET.get("show") == "problems"
        before = _key(request.GET.get("before", ""))
        found = self._found(before, only_problems=only_problems)
        more = len(found) > PAGE
        shown = _whole_moments(found) if more else found
        kept = {"show": "problems"} if only_problems else {}
        older = urlencode({"before": shown[-1].pk, **kept}) if more else ""
        return self.page(
            request,
            title=_("History of checks"),
            trail=[(self.provider.caption, reverse(CHANGE, args=[self.provider.pk]))],
            trail_end=_("History of checks"),
            moments=_moments(shown),
            only_problems=only_problems,
            is_newest=before is None,
            older=f"?{older}" if older else "",
        )

    def _found(self, before: UUID | None, *, only_problems: bool) -> list[ProviderCheck]:
        checks = self.provider.checks.order_by("-id")
        if only_problems:
            checks = checks.filter(result=CheckResult.PROBLEM)
        if before is not None:
            checks = checks.filter(id__lt=before)
        return list(checks[: PAGE + 1])


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _whole_moments(found: list[ProviderCheck]) -> list[ProviderCheck]:
    """Without the last moment, of which there may be more."""
    last = found[-1].at
    return [one for one in found if one.at != last] or found[:PAGE]


def _moments(checks: Iterable[ProviderCheck]) -> list[Moment]:
    moments = []
    for at, group in groupby(checks, key=lambda one: one.at):
        moment = Moment(at)
        for one in sorted(group, key=lambda one: CheckKind.values.index(one.kind)):
            moment.chips.append(_chip(one))
            if one.result != CheckResult.OK and one.words and one.words not in moment.words:
                moment.words.append(one.words)
        moments.append(moment)
    return moments


def _chip(one: ProviderCheck) -> SafeString:
    result = CheckResult(one.result)
    kind = CheckKind(one.kind).label
    # What cannot be known is no fault, unless it is so for a reason.
    tone = Tone.WARN if result == CheckResult.UNKNOWN and one.cause else TONES[result]
    return chip(_("%(check)s: %(result)s") % {"check": kind, "result": result.label}, tone)
