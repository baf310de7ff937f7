"""One connection to the outside: only to addresses that are public or allowed, and never longer than its time.

The address that is checked is the one that is connected to, so a name that answers differently the second time gains
nothing (SSRF, DNS rebinding). The clock stops everything: look-up, handshake, a server that drips a byte at a time.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Any, Self, TypeVar

from engine.runtime.connections.limited import limited

MOST_SECONDS = 15.0
ALLOW = "REMIT_ALLOW_PRIVATE_HOSTS"
"""Environment variable: hosts, separated by commas, that may have a private address."""

T = TypeVar("T")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Forbidden(Exception):
    """The host leads to an address that no call may reach."""


class Unreachable(Exception):
    """No such host, or nobody answers there."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also when an IPv4 one is dressed up as IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in _NAT64 or int(ip) >> 32 == 0:  # the second: IPv4-compatible, long out of use
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


def allowed_hosts(text: str) -> frozenset[str]:
    return frozenset(host.strip().lower().strip("[]") for host in text.split(",") if host.strip())


class Line:
    """A context: `connect` inside it; leaving it, or its time running out, ends what was connected."""

    def __init__(self, allowed: Collection[str], seconds: float = MOST_SECONDS) -> None:
        self.allowed = allowed
        self.end = time.monotonic() + min(seconds, MOST_SECONDS)
        self.timed_out = False
        self._held: list[socket.socket] = []
        self._timer = threading.Timer(self.left(), self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        for held in self._held:
            held.close()

    def left(self) -> float:
        """Seconds that are left, never 0: a socket would take that as "do not wait"."""
        return max(self.end - time.monotonic(), 0.001)

    def addresses(self, host: str, port: int) -> list[str]:
        """Where the host is; Forbidden when any of its addresses is, Unreachable when it has none."""
        try:
            found = limited(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM), self.left(), "look-up")
        except TimeoutError:
            self.timed_out = True
            raise Unreachable("the look-up of the host took too long") from None
        except (OSError, UnicodeError):
            raise Unreachable("no such host") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            self._check(host, address)
        return addresses

    def connect(self, host: str, port: int, dial: Callable[[str], T], socket_of: Callable[[T], Any]) -> T:
        """What `dial(address)` opened, for the first address that answers."""
        error: Exception = Unreachable("no such host")
        for address in self.addresses(host, port):
            try:
                opened = dial(address)
            except Exception as refused:
                error = refused
                continue
            wire: socket.socket = socket_of(opened)
            held = wire.dup()
            self._held.append(held)
            self._check(host, str(wire.getpeername()[0]))
            if self.timed_out:
                self._cut()
            return opened
        raise error

    def _check(self, host: str, address: str) -> None:
        if host.lower() not in self.allowed and not is_public(address):
            raise Forbidden(f"{host} is at a private address; {ALLOW} may name it")

    def _cut(self) -> None:
        self.timed_out = True
        for held in self._held:
            with contextlib.suppress(OSError):  # gone already
                held.shutdown(socket.SHUT_RDWR)
