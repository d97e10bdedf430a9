"""The ASGI application: Django answers pages, `worksbridge.live` the socket, `probes` machines, WhiteNoise files."""

import os
from typing import Any

from channels.routing import ProtocolTypeRouter
from channels.security.websocket import OriginValidator
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "worksbridge.settings")
pages = get_asgi_application()

from django.conf import settings  # noqa: E402  (settings and apps are ready only now)

from worksbridge.live import upkeep  # noqa: E402, F401  (registers what it does again and again)
from worksbridge.live.draining import drain  # noqa: E402
from worksbridge.live.hub import hub  # noqa: E402
from worksbridge.live.opening import sockets  # noqa: E402
from worksbridge.live.shutdown import watch_shutdown  # noqa: E402
from worksbridge.probes.routing import probe  # noqa: E402
from worksbridge.static_files import StaticFiles  # noqa: E402

static_files = StaticFiles()


async def http(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Pages, in a process whose hub runs: what they push goes through it and never holds them up."""
    watch_shutdown()
    if await probe(scope, send):
        return
    hub.start()
    with drain.answering():
        if not await static_files.answer(scope, send):
            await pages(scope, receive, send)


application = ProtocolTypeRouter({"http": http, "websocket": OriginValidator(sockets, settings.ORIGINS)})
