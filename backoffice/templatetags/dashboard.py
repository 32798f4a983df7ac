"""`{% load dashboard %}`: spans of time as one would say them."""

from datetime import timedelta

from django import template

from twofa.diagnosis.words import length

register = template.Library()


@register.filter
def span(seconds: int) -> str:
    """`{{ fate.seconds|span }}`: 45 s, 6 min, 2 hours."""
    return length(timedelta(seconds=seconds))
