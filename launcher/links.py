"""Network interfaces, by the kernel's own messages (rtnetlink): neither the program `ip` nor its package is needed."""

import ipaddress
import os
import socket
import struct

NEW_LINK, NEW_ADDRESS, NEW_ROUTE, ERROR = 16, 20, 24, 2
REQUEST, ACKNOWLEDGE, ONLY_NEW, CREATE = 0x1, 0x4, 0x200, 0x400
LINK_NAME, LINK_INFO, INFO_KIND, INFO_DATA, VETH_PEER = 3, 18, 1, 2, 1
ADDRESS, LOCAL_ADDRESS, ROUTE_INTERFACE = 1, 2, 4
UP = 1
MAIN_TABLE, BY_HAND, SCOPE_LINK, UNICAST = 254, 4, 253, 1


def bring_up(name: str) -> None:
    """Switch an interface on. Raises OSError."""
    _ask(NEW_LINK, _link(socket.if_nametoindex(name), UP))


def add_pair(name: str, other: str) -> None:
    """Make two interfaces that are each other's far end, and switch both on. Raises OSError."""
    peer = _attribute(VETH_PEER, _link() + _attribute(LINK_NAME, other.encode() + b"\0"))
    info = _attribute(INFO_KIND, b"veth") + _attribute(INFO_DATA, peer)
    _ask(NEW_LINK, _link() + _attribute(LINK_NAME, name.encode() + b"\0") + _attribute(LINK_INFO, info), ONLY_NEW)
    bring_up(name)
    bring_up(other)


def add_address(name: str, address: str) -> None:
    """Give an interface an IPv4 address, written with its network: 192.0.2.1/24. Raises OSError."""
    wanted = ipaddress.IPv4Interface(address)
    head = struct.pack("=BBBBI", socket.AF_INET, wanted.network.prefixlen, 0, 0, socket.if_nametoindex(name))
    packed = wanted.ip.packed
    _ask(NEW_ADDRESS, head + _attribute(ADDRESS, packed) + _attribute(LOCAL_ADDRESS, packed), ONLY_NEW)


def route_all(name: str) -> None:
    """Send whatever has no other way through this interface. Raises OSError."""
    head = struct.pack("=BBBBBBBBI", socket.AF_INET, 0, 0, 0, MAIN_TABLE, BY_HAND, SCOPE_LINK, UNICAST, 0)
    _ask(NEW_ROUTE, head + _attribute(ROUTE_INTERFACE, struct.pack("=I", socket.if_nametoindex(name))), ONLY_NEW)


def _link(index: int = 0, flags: int = 0) -> bytes:
    return struct.pack("=BxHiII", socket.AF_UNSPEC, 0, index, flags, flags)


def _attribute(kind: int, value: bytes) -> bytes:
    # The length counts head and value; what fills up to four bytes is not counted.
    return struct.pack("=HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)


def _ask(kind: int, body: bytes, flags: int = 0) -> None:
    if flags:
        flags |= CREATE
    head = struct.pack("=IHHII", 16 + len(body), kind, flags | REQUEST | ACKNOWLEDGE, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        kernel.sendall(head + body)
        answer = kernel.recv(4096)
    _, answered, _, _, _, result = struct.unpack_from("=IHHIIi", answer)
    if answered == ERROR and result:
        raise OSError(-result, os.strerror(-result))
