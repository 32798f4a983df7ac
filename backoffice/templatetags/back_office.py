"""`{% load back_office %}`: chips, times and the way back, for the Back Office's templates."""

from datetime import datetime
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.contrib.admin.views.main import PAGE_VAR, ChangeList
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from backoffice.admin import display, navigation

register = template.Library()


@register.simple_tag
def chip(words: str, tone: str = "calm") -> SafeString:
    """`{% chip "Enabled" "ok" %}`; tones: ok, warn, bad, calm."""
    return display.chip(words, tone)


@register.filter
def ago(moment: datetime | None) -> SafeString | str:
    """`{{ session.last_seen_at|ago }}`"""
    return display.ago(moment)


@register.filter
def to_the_second(moment: datetime) -> SafeString:
    """`{{ step.at|to_the_second }}`"""
    return display.to_the_second(moment)


@register.simple_tag
def page_address(cl: ChangeList, number: int) -> str:
    return cl.get_query_string({PAGE_VAR: number})


@register.inclusion_tag("admin/_trail.html", takes_context=True)
def trail(context: Context) -> dict[str, Any]:
    """The way from the navigation to this page, read from what admin views put in the context.

    A page of its own gives `trail`, a list of (words, address) pairs, after the model's list.
    """
    opts = context.get("opts")
    steps: list[tuple[Any, str]] = []
    if opts is not None:
        place = navigation.place_of(opts.label_lower)
        if place:
            steps.append((place[0], ""))
        steps.append((place[1] if place else opts.verbose_name_plural, _list_address(opts)))
    steps.extend(context.get("trail") or [])
    here = context.get("original") if context.get("change") else context.get("trail_end")
    return {"steps": steps, "here": here or ("" if context.get("cl") else context.get("title"))}


def _list_address(opts: Any) -> str:
    try:
        return reverse(admin_urlname(opts, SafeString("changelist")))
    except NoReverseMatch:
        return ""
