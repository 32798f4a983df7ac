"""The Back Office: Django's admin for operators who passed their second factor."""

from django_otp.admin import OTPAdminSite


class BackOfficeSite(OTPAdminSite):  # type: ignore[misc]
    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
