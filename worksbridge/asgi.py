"""The ASGI application: pages by Django, the socket by `worksbridge.live`."""

import os

from channels.routing import ProtocolTypeRouter
from channels.security.websocket import OriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worksbridge.settings")
pages = get_asgi_application()

from django.conf import settings  # noqa: E402  (settings and apps are ready only now)

from worksbridge.live.socket import live  # noqa: E402

application = ProtocolTypeRouter({"http": pages, "websocket": OriginValidator(live, settings.ORIGINS)})
