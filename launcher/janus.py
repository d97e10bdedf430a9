"""A Janus server of our own, for tests: video rooms over WebSocket, and the interface that the product uses."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from .debian import Program
from .local_server import listens
from .media_server import MediaServer

HOST = "127.0.0.1"
PORT, ADMIN_PORT = 8188, 7088
CORE = """
general: {{
  {folders}
  debug_level = 4
  debug_colors = false
  debug_timestamps = true
  token_auth = true
  token_auth_secret = "{token_secret}"
  admin_secret = "{admin_secret}"
}}
media: {{ rtp_port_range = "20000-20999" }}
nat: {{ ice_enforce_list = "{address}" }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""
NEEDLESS_PLUGINS = (
    "audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip", "streaming", "textroom", "videocall",
    "voicemail",
)  # fmt: skip
NEEDLESS_TRANSPORTS = ("mqtt", "nanomsg", "pfunix", "rabbitmq")
MODULES = """
  plugins_folder = "{0}/plugins"
  transports_folder = "{0}/transports"
  events_folder = "{0}/events"
  loggers_folder = "{0}/loggers"
"""
SOCKETS = """
general: {{ ws = true, ws_ip = "{host}", ws_port = {port}, wss = false, json = "compact" }}
admin: {{ admin_ws = false, admin_wss = false }}
"""
HTTP = """
general: {{ http = false, https = false, json = "compact" }}
admin: {{ admin_http = true, admin_ip = "{host}", admin_port = {port}, admin_https = false }}
"""
ROOMS = """
general: {{ admin_key = "{admin_secret}" }}
"""


class Janus(MediaServer):
    """The Janus server of one folder."""

    name = "Janus"

    def __init__(self, program: Program, data: Path, address: str) -> None:
        """It listens on loopback for requests and on `address` for media."""
        super().__init__(program, data, address)
        self._admin_secret = secrets.token_urlsafe(24)
        self._token_secret = secrets.token_urlsafe(24)

    @property
    def env(self) -> dict[str, str]:
        return {
            "JANUS_URL": f"ws://{HOST}:{PORT}",
            "JANUS_ADMIN_URL": f"http://{HOST}:{ADMIN_PORT}/admin",
            "JANUS_ADMIN_SECRET": self._admin_secret,
            "JANUS_TOKEN_SECRET": self._token_secret,
            "JANUS_PROGRAM": str(self.program.path),
            "JANUS_LIBRARIES": str(self.program.libraries or ""),
        }

    def files(self, folder: Path) -> dict[str, str]:
        core = CORE.format(
            folders=self._folders(),
            token_secret=self._token_secret,
            admin_secret=self._admin_secret,
            address=self.address,
            plugins=_modules(NEEDLESS_PLUGINS),
            transports=_modules(NEEDLESS_TRANSPORTS),
        )
        return {
            "janus.jcfg": core,
            "janus.transport.websockets.jcfg": SOCKETS.format(host=HOST, port=PORT),
            "janus.transport.http.jcfg": HTTP.format(host=HOST, port=ADMIN_PORT),
            "janus.plugin.videoroom.jcfg": ROOMS.format(admin_secret=self._admin_secret),
        }

    def _folders(self) -> str:
        """A Janus that is installed knows where its modules are, one that is unpacked does not."""
        if not self.program.libraries:
            return ""
        return MODULES.format(self.program.libraries / "janus")

    def command(self, folder: Path) -> list[str | Path]:
        return [self.program.path, "-F", folder, "-C", folder / "janus.jcfg"]

    def answers(self) -> bool:
        return listens(HOST, PORT) and listens(HOST, ADMIN_PORT)


def _modules(names: Iterable[str]) -> str:
    return ",".join(f"libjanus_{name}.so" for name in names)
