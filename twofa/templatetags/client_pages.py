"""`{% load client_pages %}`: the choice of languages, and moments that can stand in a sentence."""

from datetime import datetime
from typing import Any

from django import template
from django.conf import settings
from django.template import Context
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from backoffice.common import request_context
from twofa import languages

register = template.Library()
REFERENCE_LENGTH = 8


@register.simple_tag
def request_reference() -> str:
    """For the page of a fault: the end of the request's id, which stands in the server's log."""
    return request_context.current().request_id[-REFERENCE_LENGTH:]


@register.simple_tag
def moment(at: datetime, style: str = "") -> SafeString:
    """A moment in the page's language, which times.js then shows in the reader's own time zone.

    `style="time"` leaves the date out. For sentences, so that each language can place it:
    `{% moment until "time" as when %}{% blocktranslate %}Locked until {{ when }}.{% …`.
    """
    utc = timezone.localtime(at)
    words = (
        formats.time_format(utc) if style == "time" else formats.date_format(utc, "DATETIME_FORMAT")
    )
    return format_html(
        '<time datetime="{}" data-local="{}">{} UTC</time>', utc.isoformat(), style, words
    )


@register.inclusion_tag("twofa/_languages.html", takes_context=True)
def language_choice(context: Context) -> dict[str, Any]:
    """Nothing on the answer to a form: choosing would lose what was typed, or shown only once."""
    request = context.get("request")
    if request is None or request.method != "GET" or not languages.may_choose(request):
        return {}
    return {
        "languages": settings.LANGUAGES,
        "spoken": get_language(),
        "here": request.get_full_path(),
    }
