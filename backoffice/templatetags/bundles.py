"""What the clients' pages load; a tag, since the page of an error has no request."""

from django import template

from backoffice.bundles import bundle

register = template.Library()


@register.simple_tag
def bundle_address(kind: str) -> str:
    """`kind`: css or js."""
    return bundle(kind).address
