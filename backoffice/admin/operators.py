"""What one operator may do to another: never more than he may himself."""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission

from clients.models import User

# What the Back Office's pages ask for; Django makes more, which nothing here looks at.
OUR_APPS = ("clients", "twofa", "smsproviders", "policy", "audit")


def may_edit(operator: User, other: User) -> bool:
    """Whether the other's account may be changed: not a superuser's by anybody less."""
    return operator.is_superuser or not other.is_superuser


def grantable_permissions(operator: User) -> list[Permission]:
    """The permissions that this operator may put into a group: those he has himself."""
    known = Permission.objects.select_related("content_type").order_by(
        "content_type__app_label", "content_type__model", "codename"
    )
    ours = known.filter(content_type__app_label__in=OUR_APPS) | known.filter(
        content_type__app_label="auth", content_type__model="group"
    )
    held = operator.get_all_permissions()
    return [one for one in ours if operator.is_superuser or _label(one) in held]


def grantable_groups(operator: User) -> list[Group]:
    """The groups that this operator may give and take: those that hold nothing he lacks."""
    groups = Group.objects.prefetch_related("permissions__content_type").order_by("name")
    held = operator.get_all_permissions()
    return [
        group
        for group in groups
        if operator.is_superuser or _labels(group.permissions.all()) <= held
    ]


def _labels(permissions: Iterable[Permission]) -> set[str]:
    return {_label(permission) for permission in permissions}


def _label(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
