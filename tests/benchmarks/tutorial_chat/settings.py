"""Settings as `startproject` and the tutorial leave them, with Postgres and Redis (or Valkey) by address."""

import os
from urllib.parse import parse_qs, unquote, urlsplit

_database = urlsplit(os.environ["DATABASE_URL"])
_host = parse_qs(_database.query).get("host", [_database.hostname or ""])[-1]

SECRET_KEY = "only-for-measuring"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "tests.benchmarks.tutorial_chat.apps.TutorialChatConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
ROOT_URLCONF = "tests.benchmarks.tutorial_chat.urls"
ASGI_APPLICATION = "tests.benchmarks.tutorial_chat.asgi.application"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(_database.path.lstrip("/")),
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        "HOST": _host,
        "PORT": str(_database.port or ""),
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # The tutorial's capacity of 100 loses messages in a full room; raised, so that it is slow rather than wrong.
        "CONFIG": {"hosts": [os.environ["REDIS_URL"]], "prefix": "tutorial", "capacity": 100_000},
    }
}
USE_TZ = True
