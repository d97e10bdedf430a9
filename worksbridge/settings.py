"""Settings of a deployment. All that differs between deployments comes from the environment (see README)."""

import os
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from worksbridge.keepalive import valkey_keepalive
from worksbridge.logs.configuration import configuration

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "true", "yes", "on")


def _list(name: str, default: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


DEBUG = _flag("DEBUG")
SECRET_KEY = os.environ.get("SECRET_KEY", "")
if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY (a long random text), or start with `make run`, which makes one.")

# The key of the audit log's chain. Anyone who knows it and can write to the database can change the log unnoticed.
AUDIT_KEY = os.environ.get("AUDIT_KEY") or SECRET_KEY
# Earlier keys, newest first: what was sealed with them still verifies.
AUDIT_KEY_FALLBACKS = _list("AUDIT_KEY_FALLBACKS", "")

# Full origins, scheme and port included: they decide who may open a socket and send a form.
ORIGINS = _list("ORIGINS", "http://localhost:8000,http://127.0.0.1:8000")
ALLOWED_HOSTS = [str(urlsplit(origin).hostname) for origin in ORIGINS]
CSRF_TRUSTED_ORIGINS = ORIGINS
HTTPS = all(origin.startswith("https://") for origin in ORIGINS)

INSTALLED_APPS = [
    "daphne",
    "calls",
    "messaging",
    "contacts",
    "federation",
    "accounts",
    "worksbridge.ui",
    "allauth",
    "allauth.account",
    "accounts.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
]

MIDDLEWARE = [
    "worksbridge.ui.requests.RequestLog",
    "worksbridge.ui.unavailable.Unavailable",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "worksbridge.ui.middleware.ClientAddress",
    "worksbridge.ui.middleware.BodyLimit",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.Viewer",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "worksbridge.ui.middleware.Errors",
]

ROOT_URLCONF = "worksbridge.urls"
ASGI_APPLICATION = "worksbridge.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "worksbridge.ui.context.page",
                "accounts.context.viewer",
                "federation.context.external",
            ],
        },
    }
]


DATABASE_POOL = int(os.environ.get("DATABASE_POOL", "20"))
# A server that is gone without a word is noticed within seconds, not when the system gives up after a quarter of an
# hour: https://www.postgresql.org/docs/current/libpq-connect.html.
DATABASE_WAITS = {
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


def _database(url: str) -> dict:
    parts = urlsplit(url)
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or query.pop("port", "")),
        "OPTIONS": {
            # Seconds. While Postgres is away every page waits for `timeout` before it says so. `reconnect_timeout` is
            # short, because the wait between attempts doubles until it: after a long outage the pool would stall
            # for minutes beside a database that is back.
            "pool": {
                "min_size": 1,
                "max_size": DATABASE_POOL,
                "timeout": 3,
                "max_lifetime": 1800,
                "reconnect_timeout": 3,
            },
            **DATABASE_WAITS,
            **query,
        },
        # The pool asks each connection before it hands it out, so that a restart of Postgres fails no request.
        "CONN_HEALTH_CHECKS": True,
    }


DATABASE_URL = os.environ.get("DATABASE_URL", "")
if not DATABASE_URL:
    raise ImproperlyConfigured("Set DATABASE_URL (postgresql://…), or start with `make run`, which brings its own.")
REDIS_URL = os.environ.get("REDIS_URL", "")
if not REDIS_URL:
    raise ImproperlyConfigured("Set REDIS_URL (redis://…), or start with `make run`, which brings its own.")

DATABASES = {"default": _database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The name of the deployment in a Valkey that others use too.
CHANNEL_PREFIX = os.environ.get("CHANNEL_PREFIX", "worksbridge")
VALKEY = {"socket_connect_timeout": 1, "socket_timeout": 1, **valkey_keepalive(REDIS_URL)}
CACHES = {
    "default": {
        "BACKEND": "worksbridge.cache.Cache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": CHANNEL_PREFIX,
        # Bounded, and whoever finds all connections in use waits for one: without a bound, a burst opens as many
        # connections as there are threads. One more attempt, for a connection that ended while it lay idle.
        "OPTIONS": {
            "pool_class": "redis.BlockingConnectionPool",
            "max_connections": 32,
            "timeout": 1,
            "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            **VALKEY,
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [{"address": REDIS_URL, **VALKEY}], "prefix": CHANNEL_PREFIX},
    }
}
# Sessions last: they live in Postgres, so that emptying the cache signs no one out.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "worksbridge.ui.views.csrf_failure"
SESSION_COOKIE_AGE = 14 * 24 * 3600

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/messages/"
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "reset_password": "accounts.forms.ResetForm",
    "add_email": "accounts.forms.NoOtherAddressForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = _flag("EMAIL_USE_TLS")
EMAIL_USE_SSL = _flag("EMAIL_USE_SSL")
# A mail server that does not answer must not hold up what waits behind it for longer.
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "WorksBridge <no-reply@localhost>")
_MAILER = "smtp" if EMAIL_HOST else "console"
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND", f"django.core.mail.backends.{_MAILER}.EmailBackend")

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "worksbridge" / "locale"]
# A language is offered once its catalogue is there: a page half in another language helps nobody, and a screen reader
# would read the English on it with the wrong voice.
LANGUAGES = [
    (code, name)
    for code, name in [("en", _("English")), ("ko", _("Korean")), ("ja", _("Japanese"))]
    if code == "en" or (LOCALE_PATHS[0] / code / "LC_MESSAGES" / "django.mo").exists()
]
FORMAT_MODULE_PATH = ["worksbridge.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / ".data" / "static"))
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", BASE_DIR / ".data" / "media"))
# With 1, `collectstatic` gives files names by their content, and the pages use those: browsers keep them for ever.
STATIC_HASHED = _flag("STATIC_HASHED")
_STATIC = "worksbridge.static_files.HashedFiles" if STATIC_HASHED else None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC or "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

BODY_LIMIT = 8 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY: dict[str, list[str]] = {
    "camera": ["self"],
    "microphone": ["self"],
    "display-capture": ["self"],
    "geolocation": [],
    "usb": [],
}
_SOCKET_ORIGINS = [origin.replace("http", "ws", 1) for origin in ORIGINS]
# Browsers talk to Janus directly.
JANUS_URL = os.environ.get("JANUS_URL", "")
if JANUS_URL:
    _SOCKET_ORIGINS.append("{0.scheme}://{0.netloc}".format(urlsplit(JANUS_URL)))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF, *_SOCKET_ORIGINS],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

# What one page may do over its socket; see worksbridge.live.rate_limits. Deployments with heavy writers raise them.
LIVE_RATE_FACTOR = float(os.environ.get("LIVE_RATE_FACTOR", "1"))
LIVE_SOCKETS_PER_MEMBER = int(os.environ.get("LIVE_SOCKETS_PER_MEMBER", "30"))

# Calls. Seconds: how long a call rings, after how long without a sign of life a page counts as gone, and how long the
# other person of a 1:1 call waits for it to come back.
CALLS_RING_SECONDS = float(os.environ.get("CALLS_RING_SECONDS", "45"))
CALLS_LOST_SECONDS = float(os.environ.get("CALLS_LOST_SECONDS", "10"))
CALLS_RECOVER_SECONDS = float(os.environ.get("CALLS_RECOVER_SECONDS", "20"))
# Most people who are connected with each other directly, and most through Janus.
CALLS_MESH = int(os.environ.get("CALLS_MESH", "4"))
CALLS_MOST = int(os.environ.get("CALLS_MOST", "25"))
STUN_URLS = _list("STUN_URLS", "")
TURN_URLS = _list("TURN_URLS", "")
TURN_SECRET = os.environ.get("TURN_SECRET", "")
TURN_SECONDS = int(os.environ.get("TURN_SECONDS", "3600"))
# Slugs of the companies whose members' addresses are hidden from others in a call, or * for all.
CALLS_RELAY_ONLY = _list("CALLS_RELAY_ONLY", "")
if bool(TURN_URLS) != bool(TURN_SECRET) or (CALLS_RELAY_ONLY and not TURN_URLS):
    raise ImproperlyConfigured("TURN_URLS and TURN_SECRET go together, and CALLS_RELAY_ONLY needs both.")
JANUS_ADMIN_URL = os.environ.get("JANUS_ADMIN_URL", "")
JANUS_ADMIN_SECRET = os.environ.get("JANUS_ADMIN_SECRET", "")
JANUS_TOKEN_SECRET = os.environ.get("JANUS_TOKEN_SECRET", "")
if JANUS_URL and not (JANUS_ADMIN_URL and JANUS_ADMIN_SECRET and JANUS_TOKEN_SECRET):
    raise ImproperlyConfigured("JANUS_URL needs JANUS_ADMIN_URL, JANUS_ADMIN_SECRET and JANUS_TOKEN_SECRET.")

# Who may read /metrics, straight from this process: networks, comma-separated.
METRICS_ALLOW = [ip_network(network) for network in _list("METRICS_ALLOW", "127.0.0.0/8,::1/128")]
LOGGING = configuration(debug=DEBUG, level=os.environ.get("LOG_LEVEL", "INFO").upper())
