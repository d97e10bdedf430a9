"""The key of the audit log's chain, which is not in the database."""

import hashlib

from django.conf import settings

# SHA-256 works on blocks of so many bytes: https://www.rfc-editor.org/rfc/rfc2104
BLOCK = 64
INNER, OUTER = 0x36, 0x5C


def keys() -> list[bytes]:
    """All keys that seals may have been made with, oldest first; the last one makes the new ones."""
    return [_key(text) for text in (*reversed(settings.AUDIT_KEY_FALLBACKS), settings.AUDIT_KEY)]


def key_for_database() -> str:
    """The newest key as PostgreSQL uses it, which has SHA-256 but no HMAC: both pads, in hex."""
    padded = keys()[-1].ljust(BLOCK, b"\0")
    return bytes(byte ^ pad for pad in (INNER, OUTER) for byte in padded).hex()


def _key(text: str) -> bytes:
    return hashlib.sha256(b"worksbridge audit log\0" + text.encode()).digest()
