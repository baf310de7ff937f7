"""exposure: a connection that leads to a private address, or sends its secret where everybody can listen.

The runtime refuses both unless an operator allows the host (RUNTIME, `REMIT_ALLOW_PRIVATE_HOSTS`); here it is said before.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.connection import Call, Connection
from engine.language.messages import security, syntax
from engine.language.source import place_of

METHODS = ("get", "post", "put", "patch", "delete")
_PRIVATE = re.compile(r"(?:\A|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|home\.arpa)\.?\Z")


def check(view: View) -> Iterator[Diagnostic]:
    for connection in view.pack.kind(Connection).values():
        if connection.kind != "http" or connection.base is None:
            continue
        try:
            parts = urlsplit(str(connection.base))
            host = (parts.hostname or "").lower()
        except ValueError:
            continue
        place = place_of(connection.base)
        place = place if place.line else connection.place("base")
        if host and _is_private(host):
            yield security.exposure(
                place,
                f"'{host}' is a host of the inner network: a definition must not reach it",
                f"“{host}”是内部网络的主机，定义不应访问它",
                "name a public host; what must stay inside is excused here and allowed by the operator",
                "请写公网主机；确需访问内部主机时，在此豁免并由运维人员放行",
            )
        elif parts.scheme == "http" and connection.secret is not None:
            yield security.exposure(
                place,
                "the secret would travel over http, where everybody on the way can read it",
                "密钥会通过 http 明文传输，途中任何人都能看到",
                f"write https://{host}",
                f"请写 https://{host}",
            )
        yield from _calls(connection)


def _calls(connection: Connection) -> Iterator[Diagnostic]:
    for call in (connection.calls or {}).values():
        yield from _elsewhere(connection, call)


def _elsewhere(connection: Connection, call: Call) -> Iterator[Diagnostic]:
    for method in METHODS:
        path = getattr(call, method)
        if path is not None and re.match(r"[a-z][a-z0-9+.-]*://|//|[@.\\]", str(path), re.IGNORECASE):
            place = place_of(path)
            yield security.exposure(
                place if place.line else call.place(method),
                f"this names a host of its own; calls of '{connection.name}' may reach the host of its base only",
                f"这里写了另一个主机；“{connection.name}”的调用只能访问 base 的主机",
                "write the path alone, beginning with /, as /envelopes; another host is another connection",
                "请只写以 / 开头的路径，如 /envelopes；另一个主机请另建连接",
            )
        elif path is not None and re.fullmatch(r"/[\x21-\x7e]*", str(path)) is None:
            place = place_of(path)
            yield syntax.wrong_shape(
                place if place.line else call.place(method),
                "a path that begins with /, without spaces",
                "以 / 开头、不含空格的路径",
                "write it as /envelopes; what is not plain ASCII as %E5%90%88",
                "请写成 /envelopes；非 ASCII 字符写成 %E5%90%88",
            )


def _is_private(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return _PRIVATE.search(host) is not None or ("." not in host.rstrip(".")) or _is_number(host)
    mapped = getattr(address, "ipv4_mapped", None)
    return not (mapped or address).is_global


def _is_number(host: str) -> bool:
    """An IPv4 address in disguise, as 2130706433 or 0x7f.1."""
    return re.fullmatch(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}", host) is not None
