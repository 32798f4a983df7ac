"""People: who signs in, where they are signed in, and what the company knows of a client."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from backoffice.common.identifiers import uuid7
from clients.link_models import PasswordLink, ResetRequest
from clients.users import UserManager

__all__ = [
    "Client",
    "ClientStatus",
    "ClientType",
    "PasswordLink",
    "ResetRequest",
    "Tag",
    "TwoFactor",
    "User",
    "UserSession",
    "VerificationLevel",
]


class User(AbstractBaseUser, PermissionsMixin):
    """Somebody who signs in: a client, or an operator when `is_staff`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    is_staff = models.BooleanField(_("operator"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="user_email_in_lower_case"
            )
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email

    @property
    def may_sign_in(self) -> bool:
        """Blocked and closed clients are answered as a wrong password is."""
        client = getattr(self, "client", None)
        return self.is_active and (client is None or client.status == ClientStatus.ACTIVE)


class UserSession(models.Model):
    """One signed-in session. Ending the row ends the session, wherever the browser is."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="signed_in_sessions"
    )
    session_key = models.CharField(max_length=64, unique=True)
    address = models.GenericIPAddressField(_("address"), null=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ["-last_seen_at"]
        default_permissions = ("view",)
        permissions = [("end_sessions", _("Can end a client's sessions"))]
        indexes = [models.Index(fields=["user", "-last_seen_at"], name="session_by_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=50, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ClientType(models.TextChoices):
    INDIVIDUAL = "individual", _("Individual")
    COMPANY = "company", _("Company")


class ClientStatus(models.TextChoices):
    ACTIVE = "active", _("Active")
    BLOCKED = "blocked", _("Blocked")
    CLOSED = "closed", _("Closed")


class VerificationLevel(models.IntegerChoices):
    NONE = 0, _("Not verified")
    BASIC = 1, _("E-mail and phone")
    IDENTITY = 2, _("Identity")
    FULL = 3, _("Identity and address")


class TwoFactor(models.TextChoices):
    NONE = "none", _("None")
    AUTHENTICATOR = "authenticator", _("Google Authenticator")
    SMS = "sms", _("SMS confirmation")
    BOTH = "both", _("Both")


class Client(models.Model):
    """A customer of the company. `two_factor` and `last_trouble_at` are kept true by `twofa`."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="client"
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    phone_confirmed_at = models.DateTimeField(_("phone confirmed"), null=True, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    type = models.CharField(
        _("type"), max_length=10, choices=ClientType, default=ClientType.INDIVIDUAL
    )
    status = models.CharField(
        _("status"), max_length=8, choices=ClientStatus, default=ClientStatus.ACTIVE
    )
    verification_level = models.PositiveSmallIntegerField(
        _("verification level"), choices=VerificationLevel, default=VerificationLevel.NONE
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("manager"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="managed_clients",
        limit_choices_to={"is_staff": True},
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="clients")
    two_factor = models.CharField(
        _("2FA"), max_length=13, choices=TwoFactor, default=TwoFactor.NONE, editable=False
    )
    last_trouble_at = models.DateTimeField(_("last trouble"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["-id"]
        permissions = [
            ("change_contact", _("Can change a client's e-mail and phone")),
            ("block_client", _("Can block and unblock a client")),
            ("export_clients", _("Can export clients")),
            ("invite_client", _("Can send a client the invitation again")),
        ]
        indexes = [
            models.Index(fields=["two_factor", "-id"], name="client_by_two_factor"),
            models.Index(fields=["status", "-id"], name="client_by_status"),
            models.Index(fields=["country", "-id"], name="client_by_country"),
            models.Index(fields=["-last_trouble_at"], name="client_by_trouble"),
            models.Index(fields=["phone"], name="client_by_phone"),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"
