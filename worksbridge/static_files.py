"""Static files: under names that change with their content, and answered ahead of Django."""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.middleware import WhiteNoiseMiddleware

from worksbridge import metrics

Header = tuple[bytes, bytes]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# A browser takes a file for what its type says, nothing else. Pages get this header from Django.
NO_SNIFFING: Header = (b"x-content-type-options", b"nosniff")


class HashedFiles(ManifestStaticFilesStorage):
    """Browsers may keep them for ever; also the modules that a script imports are asked for by their new names."""

    support_js_module_import_aggregation = True


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise as an ASGI application's first step.

    A page asks for some ninety files. Django would take each of them through all middleware and a thread of its own.
    """

    def __init__(self) -> None:
        super().__init__(get_response=None)

    async def answer(self, scope: dict[str, Any], send: Send) -> bool:
        """Answer a request for a file; return False, with nothing sent, when there is no such file."""
        path = scope["path"]
        if not path.startswith(self.static_prefix):
            return False
        file = self.find_file(path) if self.autorefresh else self.files.get(path)
        if file is None:
            return False
        started = time.perf_counter()
        response = file.get_response(scope["method"], _environ(scope["headers"]))
        status, body = int(response.status), b""
        if response.file is not None:
            # In the event loop: a small file that the system has in memory takes less time than handing it to a thread.
            with response.file as opened:
                body = opened.read()
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers]
        await send({"type": "http.response.start", "status": status, "headers": [*headers, NO_SNIFFING]})
        await send({"type": "http.response.body", "body": body})
        metrics.answered(scope["method"], status, "static", time.perf_counter() - started)
        return True


def _environ(headers: Iterable[Header]) -> dict[str, str]:
    """The request's headers as WSGI names them."""
    return {
        "HTTP_" + name.decode("latin-1").upper().replace("-", "_"): value.decode("latin-1") for name, value in headers
    }
