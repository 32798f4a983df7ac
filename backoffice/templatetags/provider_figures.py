"""`{% load provider_figures %}`: times of providers in seconds, as short as they are exact."""

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def seconds(milliseconds: int) -> str:
    """`{{ latency.median|seconds }}`: 0.42 s, 3.1 s, 45 s."""
    value = milliseconds / 1000
    places = 2 if value < 1 else 1 if value < 10 else 0
    return _("%s s") % number_format(value, places)
