"""Settings, from the environment. The variables and their meaning: docs/settings.md."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_email_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from backoffice.celery_settings import *  # noqa: F403  (settings are read by their names)
from backoffice.common import env as environment
from backoffice.common.env import Environment, WrongVariable
from backoffice.common.logging import logging_config
from backoffice.development import defaults

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
env = Environment()

try:
    DEBUG = env.flag("DEBUG")
    PORT = env.parsed("PORT", environment.parse_port, default="8000", example="8000")
    given = defaults.for_development(VAR_DIR, port=PORT) if DEBUG else defaults.NONE

    SECRET_KEY = env.secret("SECRET_KEY", default=given.secret_key, example="50 random characters")
    if len(SECRET_KEY) < 32 or "insecure" in SECRET_KEY:
        raise WrongVariable("SECRET_KEY", "is too short or an example", "50 random characters")
    SECRET_KEY_FALLBACKS = env.secret_parsed(
        "SECRET_KEY_FALLBACKS",
        environment.parse_signing_keys,
        default="",
        example="the key before this one",
    )
    DATA_KEYS = env.secret_parsed(
        "DATA_KEYS",
        environment.parse_keys,
        default=given.data_keys,
        example=environment.KEY_EXAMPLE,
    )
    AUDIT_KEY = env.secret_parsed(
        "AUDIT_KEY",
        environment.parse_key,
        default=defaults.audit_key(DATA_KEYS) if DEBUG else None,
        example=environment.KEY_EXAMPLE,
    )
    AUDIT_KEY_FALLBACKS = env.secret_parsed(
        "AUDIT_KEY_FALLBACKS",
        environment.parse_optional_keys,
        default="",
        example=environment.KEY_EXAMPLE,
    )
    AUDIT_HEAD_URL = env.parsed(
        "AUDIT_HEAD_URL",
        environment.parse_head_url,
        default="",
        example="https://notary.example/head",
    )
    DATABASE_URL = env.secret_parsed(
        "DATABASE_URL",
        environment.parse_database_url,
        default=given.database_url,
        example="postgresql://backoffice:password@db.example:5432/backoffice",
    )
    DATABASE_MIGRATION_URL = env.secret_parsed(
        "DATABASE_MIGRATION_URL",
        environment.parse_database_url,
        default=DATABASE_URL if DEBUG else None,
        example="postgresql://backoffice_owner:password@db.example:5432/backoffice",
    )
    DATABASE_PATIENCE = environment.Patience(
        statement=env.parsed(
            "DATABASE_STATEMENT_TIMEOUT", environment.parse_seconds, default="15", example="15"
        ),
        lock=env.parsed(
            "DATABASE_LOCK_TIMEOUT", environment.parse_seconds, default="5", example="5"
        ),
        idle=env.parsed(
            "DATABASE_IDLE_TIMEOUT", environment.parse_seconds, default="30", example="30"
        ),
    )
    REDIS_URL = env.secret_parsed(
        "REDIS_URL",
        environment.parse_redis_url,
        default=given.redis_url,
        example="rediss://:password@redis.example:6379/0",
    )
    PUBLIC_URL = env.parsed(
        "PUBLIC_URL",
        environment.parse_url("http", "https"),
        default=given.public_url,
        example="https://secure.example.com",
    )
    ALLOWED_HOSTS = env.parsed(
        "ALLOWED_HOSTS",
        environment.parse_hosts,
        default=given.allowed_hosts,
        example="secure.example.com",
    )
    EMAIL_URL = env.secret_parsed(
        "EMAIL_URL",
        environment.parse_email_url,
        default=given.email_url,
        example="submission://user:password@mail.example:587",
    )
    DEFAULT_FROM_EMAIL = env.parsed(
        "DEFAULT_FROM_EMAIL",
        environment.parse_sender,
        default="Back Office <no-reply@localhost>" if DEBUG else None,
        example="Example Security <security@example.com>",
    )
    TRUSTED_PROXIES = env.parsed(
        "TRUSTED_PROXIES", environment.parse_networks, default="", example="10.0.0.0/8"
    )
    TWILIO_API_URL = env.parsed(
        "TWILIO_API_URL",
        environment.parse_optional_url("http", "https"),
        default="",
        example="http://127.0.0.1:9999",
    )
    TWILIO_API_HOSTS = env.parsed(
        "TWILIO_API_HOSTS",
        environment.parse_optional_hosts,
        default="",
        example="twilio-proxy.example.com",
    )
    VONAGE_API_URL = env.parsed(
        "VONAGE_API_URL",
        environment.parse_optional_url("http", "https"),
        default="",
        example="http://127.0.0.1:9998",
    )
    VONAGE_API_HOSTS = env.parsed(
        "VONAGE_API_HOSTS",
        environment.parse_optional_hosts,
        default="",
        example="vonage-proxy.example.com",
    )
    HTTP_PROVIDER_ALLOWED_HOSTS = env.parsed(
        "HTTP_PROVIDER_ALLOWED_HOSTS",
        environment.parse_places,
        default="",
        example="kannel.internal:13013",
    )
    HOLDS_TOKEN = env.secret_parsed(
        "HOLDS_TOKEN", environment.parse_token, default="", example="32 random characters and more"
    )
    METRICS_TOKEN = env.secret_parsed(
        "METRICS_TOKEN",
        environment.parse_token,
        default="",
        example="32 random characters and more",
    )
    METRICS_ALLOWED = env.parsed(
        "METRICS_ALLOWED", environment.parse_networks, default="", example="10.20.0.7/32"
    )
    LOG_LEVEL = env.choice(
        "LOG_LEVEL", ("debug", "info", "warning", "error", "critical"), default="info"
    )
    LOG_FORMAT = env.choice("LOG_FORMAT", ("json", "console"), default="json")
except WrongVariable as error:
    environment.stop(error)

# Applications, from the top layer to the kernel.
INSTALLED_APPS = [
    "backoffice",
    "backoffice.admin.apps.AdminConfig",
    "backoffice.alerts",
    "twofa",
    "smsproviders",
    "clients",
    "backoffice.policy",
    "backoffice.audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "phonenumber_field",
    "django_otp",
    "axes",
    "csp",
]

MIDDLEWARE = [
    "backoffice.common.addresses.TrustForwardedHeaders",
    "backoffice.common.request_context.KeepRequestContext",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "backoffice.brand.AllowBrandStyle",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "backoffice.bundles.ServeBundles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clients.middleware.KeepSession",
    "django_otp.middleware.OTPMiddleware",
    # In place of Django's LocaleMiddleware: it asks who is signed in, and comes after those above.
    "twofa.middleware.SpeakTheLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "twofa.known_browsers.RememberBrowser",
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backoffice.brand.brand",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# Data. `migrate` runs as the role that owns the tables; the application as a weaker one. Web and
# worker give up on a statement after a while; commands may read whole tables (docs/operating.md).
IS_COMMAND = Path(sys.argv[0]).name == "manage.py"
DATABASE_OWNER = environment.database(DATABASE_MIGRATION_URL)
DATABASE_APPLICATION = environment.database(
    DATABASE_URL, environment.ENDLESS if IS_COMMAND else DATABASE_PATIENCE
)
DATABASE_APPLICATION_ROLE = str(DATABASE_APPLICATION.get("USER", ""))
MIGRATING = sys.argv[1:2] == ["migrate"]
DATABASES = {"default": DATABASE_OWNER if MIGRATING else DATABASE_APPLICATION}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": environment.plain_redis_url(REDIS_URL),
        "OPTIONS": {"socket_timeout": 0.4, "socket_connect_timeout": 0.4},
    }
}

# People and sessions.
AUTH_USER_MODEL = "clients.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}  # type: ignore[assignment]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/security/"
LOGOUT_REDIRECT_URL = "/sign-in/"
SESSION_ENGINE = "clients.session_store"
SESSION_COOKIE_AGE = 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_NAME = "session" if DEBUG else "__Host-session"
# In the session: a cookie of its own would have no `__Host-` name.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
TRUSTED_COOKIE_NAME = "trusted" if DEBUG else "__Host-trusted"
KNOWN_COOKIE_NAME = "known" if DEBUG else "__Host-known"
CSRF_COOKIE_NAME = "csrf" if DEBUG else "__Host-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# Password guessing; twofa/password_guessing.py judges what is counted. Codes have a ledger of their
# own in `twofa`.
AXES_HANDLER = "twofa.password_guessing.Handler"
AXES_CLIENT_IP_CALLABLE = "backoffice.common.addresses.guessing_address"
AXES_CLIENT_STR_CALLABLE = "backoffice.common.logging.guesser"
AXES_USERNAME_FORM_FIELD = "email"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "twofa.views.sign_in.too_many_passwords"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["password", "code"]
# The pause ends when the page says so, and a flood meanwhile lets no row grow.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Sign-ins stand in our own log, where personal details are encrypted.
AXES_DISABLE_ACCESS_LOG = True

# The browser.
_https = urlsplit(PUBLIC_URL).scheme == "https"
SECURE_SSL_REDIRECT = _https and not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Words and times.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("fr", "Français"),
    ("es", "Español"),
    ("de", "Deutsch"),
    ("ru", "Русский"),
    ("ar", "العربية"),
]
LANGUAGE_COOKIE_NAME = "language" if DEBUG else "__Host-language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [BASE_DIR / "backoffice" / "locale"]
FORMAT_MODULE_PATH = "backoffice.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
BRAND_NAME = _("Back Office")

# Files.
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": defaults.static_storage(debug=DEBUG, root=STATIC_ROOT)},
}
WHITENOISE_USE_FINDERS = DEBUG or not STATIC_ROOT.is_dir()
WHITENOISE_AUTOREFRESH = DEBUG

# E-mail.
_mail = dj_email_url.parse(EMAIL_URL)
vars().update(_mail)
EMAIL_BACKEND = defaults.email_backend(_mail["EMAIL_BACKEND"], debug=DEBUG)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Queues, limits and the schedule: backoffice/celery_settings.py.
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_USE_SSL = environment.broker_tls(REDIS_URL)

LOGGING = logging_config(level=LOG_LEVEL, style=LOG_FORMAT)
