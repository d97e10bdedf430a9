"""Pages by Django, sockets by the consumer, for people with a session."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.tutorial_chat.settings")
pages = get_asgi_application()

from tests.benchmarks.tutorial_chat.consumers import ChatConsumer  # noqa: E402  (needs the apps)

sockets = AuthMiddlewareStack(URLRouter([path("ws/chat/<int:room>/", ChatConsumer.as_asgi())]))
application = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(sockets)})
