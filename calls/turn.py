"""Where pages find a TURN server, and with which credentials.

The credentials are those of the "REST API for access to TURN services" (draft-uberti-behave-turn-rest), which coturn
calls `use-auth-secret`: the name says until when they are good and whose they are, the password proves that the name
was made here. Nothing is stored, and coturn counts by member.
"""

import base64
import hashlib
import hmac
import time

from django.conf import settings

from accounts.models import User

EVERY_COMPANY = "*"


def ice_servers(member: User) -> list[dict[str, object]]:
    """Return the `iceServers` of a page's RTCPeerConnection, with the member's own credentials for TURN_SECONDS."""
    servers: list[dict[str, object]] = []
    if settings.STUN_URLS:
        servers.append({"urls": list(settings.STUN_URLS)})
    if settings.TURN_URLS:
        name, password = credentials(member)
        servers.append({"urls": list(settings.TURN_URLS), "username": name, "credential": password})
    return servers


def relay_only(member: User) -> bool:
    """Tell whether the member's company hides their addresses from the others in a call, by relaying everything."""
    own = {member.company.slug} if member.company else set()
    return not own.union([EVERY_COMPANY]).isdisjoint(settings.CALLS_RELAY_ONLY)


def credentials(member: User) -> tuple[str, str]:
    """Return a name and a password for the TURN server. New ones each time, as they end by the clock."""
    name = f"{int(time.time()) + settings.TURN_SECONDS}:{member.pk}"
    # The scheme's own choice of hash: coturn knows no other.
    proof = hmac.new(settings.TURN_SECRET.encode(), name.encode(), hashlib.sha1)
    return name, base64.b64encode(proof.digest()).decode()
