from django.contrib.admin.apps import SimpleAdminConfig


class AdminConfig(SimpleAdminConfig):
    """Django's admin with our site; what is composed of several apps is registered from here."""

    default_site = "backoffice.admin.site.BackOfficeSite"
