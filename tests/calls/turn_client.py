"""A TURN client as small as it can be: asks a server for a relayed address and where it may send from there."""

import hashlib
import hmac
import ipaddress
import os
import socket
import struct
from typing import Self

COOKIE = struct.pack("!I", 0x2112A442)
ALLOCATE, REFRESH, CREATE_PERMISSION, SEND_INDICATION = 0x003, 0x004, 0x008, 0x016
SUCCESS, ERROR = 0x100, 0x110
USERNAME, INTEGRITY, ERROR_CODE, PEER, DATA, REALM, NONCE, RELAYED = 0x06, 0x08, 0x09, 0x12, 0x13, 0x14, 0x15, 0x16
LIFETIME, FAMILY, TRANSPORT = 0x0D, 0x17, 0x19
UDP = 17
UNAUTHORIZED, MISMATCH = 401, 437
# How many ports it tries.
PORTS = 10
Attributes = dict[int, bytes]


class Refused(Exception):
    """The server refused; `code` is that of the protocol."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class TurnClient:
    """One person's connection to a TURN server over UDP."""

    def __init__(self, server: tuple[str, int], name: str, password: str) -> None:
        self._server = server
        self._socket = _connected(server)
        self._name, self._password = name, password
        self._realm = self._nonce = b""
        self._relayed = False

    def allocate(self, family: int = 4) -> tuple[str, int]:
        """Return the relayed address and port. Raises Refused.

        The server keeps an allocation for a while after its client has gone, and refuses one to the next client that
        happens on the same port. That one tries another port (RFC 8656, section 7.4).
        """
        for _ in range(PORTS):
            try:
                return self._allocate(family)
            except Refused as refused:
                if refused.code != MISMATCH:
                    raise
            self._socket.close()
            self._socket = _connected(self._server)
        raise Refused(MISMATCH)

    def _allocate(self, family: int) -> tuple[str, int]:
        wanted = {TRANSPORT: bytes([UDP, 0, 0, 0]), FAMILY: bytes([1 if family == 4 else 2, 0, 0, 0])}
        try:  # the first time to be told realm and nonce
            found = self._ask(ALLOCATE, wanted, os.urandom(12))
        except Refused as refused:
            if refused.code != UNAUTHORIZED:
                raise
            found = self._ask(ALLOCATE, wanted, os.urandom(12))
        self._relayed = True
        return _address(found)

    def permit(self, peer: str) -> None:
        """Ask to be allowed to send to `peer` and to hear from it. Raises Refused."""
        transaction = os.urandom(12)
        self._ask(CREATE_PERMISSION, {PEER: _mixed(peer, 0, transaction)}, transaction)

    def send(self, peer: tuple[str, int], data: bytes) -> None:
        """Send a packet through the relay; nobody says whether it arrives."""
        transaction = os.urandom(12)
        body = {PEER: _mixed(*peer, transaction), DATA: data}
        self._socket.send(_message(SEND_INDICATION, body, transaction))

    def _ask(self, kind: int, attributes: Attributes, transaction: bytes) -> Attributes:
        if self._nonce:
            own = {USERNAME: self._name.encode(), REALM: self._realm, NONCE: self._nonce}
            secret = b":".join([self._name.encode(), self._realm, self._password.encode()])
            message = _message(kind, attributes | own, transaction, hashlib.md5(secret).digest())
        else:
            message = _message(kind, attributes, transaction)
        self._socket.send(message)
        answered, found = _read(self._socket.recv(2048))
        self._realm, self._nonce = found.get(REALM, self._realm), found.get(NONCE, self._nonce)
        if answered == kind | ERROR:
            raise Refused(found[ERROR_CODE][2] * 100 + found[ERROR_CODE][3])
        assert answered == kind | SUCCESS
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._relayed:
            self._ask(REFRESH, {LIFETIME: bytes(4)}, os.urandom(12))
        self._socket.close()


def _connected(server: tuple[str, int]) -> socket.socket:
    connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    connection.settimeout(20)
    connection.connect(server)
    return connection


def _message(kind: int, attributes: Attributes, transaction: bytes, key: bytes = b"") -> bytes:
    body = b"".join(_attribute(number, value) for number, value in attributes.items())
    if not key:
        return struct.pack("!HH", kind, len(body)) + COOKIE + transaction + body
    # What is signed says the length that the message has with its signature.
    message = struct.pack("!HH", kind, len(body) + 24) + COOKIE + transaction + body
    return message + _attribute(INTEGRITY, hmac.new(key, message, hashlib.sha1).digest())


def _attribute(number: int, value: bytes) -> bytes:
    return struct.pack("!HH", number, len(value)) + value + b"\0" * (-len(value) % 4)


def _read(message: bytes) -> tuple[int, Attributes]:
    found, at = {}, 20
    while at < len(message):
        number, length = struct.unpack_from("!HH", message, at)
        found[number] = message[at + 4 : at + 4 + length]
        at += 4 + length + -length % 4
    return struct.unpack_from("!H", message)[0], found


def _mixed(address: str, port: int, transaction: bytes) -> bytes:
    """An address as the protocol writes it: mixed with constants, so that no router on the way rewrites it."""
    packed = ipaddress.ip_address(address).packed
    family = 1 if len(packed) == 4 else 2
    return struct.pack("!xBH", family, port ^ 0x2112) + _xor(packed, COOKIE + transaction)


def _address(found: Attributes) -> tuple[str, int]:
    value = found[RELAYED]
    port = struct.unpack_from("!H", value, 2)[0] ^ 0x2112
    return (str(ipaddress.ip_address(_xor(value[4:8], COOKIE))) if len(value) == 8 else "", port)


def _xor(value: bytes, key: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(value, key, strict=False))
