"""What every page of the door and of Security has in common."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from twofa.views.refusals import Problem

V = TypeVar("V", bound=Callable[..., HttpResponse])


def auth_page(view: V) -> V:
    """Kept by no cache, its fields out of error reports, its forms protected."""
    protected: Any = csrf_protect(view)
    protected = sensitive_post_parameters()(protected)
    wrapped: V = never_cache(protected)
    return wrapped


on_dispatch = method_decorator(auth_page, name="dispatch")


class SeeOther(HttpResponseRedirect):
    """After a form: fetch the next page, never post to it again."""

    status_code = 303


def tell(request: HttpRequest, problem: Problem) -> None:
    """Show the problem on the next page."""
    messages.error(request, render_to_string("twofa/_told.html", {"problem": problem}))
