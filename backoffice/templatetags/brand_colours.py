"""The colour of the service where no style sheet of ours is loaded: in e-mails."""

from django import template

from backoffice import brand, contrast

register = template.Library()


@register.simple_tag
def brand_colours() -> dict[str, dict[str, str]]:
    """`light` and `dark`: each `accent`, and `on_accent` for what is written on it."""
    colour = contrast.parse(brand.COLOUR())
    shades = {"light": contrast.on_light(colour), "dark": contrast.on_dark(colour)}
    return {
        name: {
            "accent": contrast.written(each.accent),
            "on_accent": contrast.written(each.on_accent),
        }
        for name, each in shades.items()
    }
