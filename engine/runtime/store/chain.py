"""The hash chain of a case's history (R44): what one step's hash is, and what an anchor's is. Pure functions.

hash = sha256(prev, case, seq, at, kind, actor, cause, sha256(text)) over the stored bytes, each part with its length in
front so that no two rows spell the same bytes; an HMAC when a key is configured. Without a key whoever can write the
table can recompute the chain: it stops accidents, not a database administrator.
(`cause` is in it beyond R44's list: why something happened should not be editable either.)
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

GENESIS = bytes(32)
"""What stands before the first step of a case, and before the first anchor."""


class Link(NamedTuple):
    """What a step's hash covers besides the hash before it; `digest` is sha256 of the events' text."""

    case_id: int
    seq: int
    at: int
    kind: str
    actor: str | None
    cause: str | None
    digest: bytes


def text_digest(text: str) -> bytes:
    """sha256 of the stored text: what `redacted` keeps when the text must go."""
    return hashlib.sha256(text.encode()).digest()


def link_hash(prev: bytes, link: Link, key: bytes | None = None) -> bytes:
    """The hash of the step `link` after a step with hash `prev`."""
    parts = [prev, b"%d" % link.case_id, b"%d" % link.seq, b"%d" % link.at, link.kind.encode()]
    parts += [b"-" if text is None else b"+" + text.encode() for text in (link.actor, link.cause)]
    parts.append(link.digest)
    return _seal(b"".join(b"%d:%b" % (len(part), part) for part in parts), key)


class Span:
    """Adds up the heads of the cases that moved in one span of time; fed in order of case id."""

    def __init__(self, prev: bytes, since: int, until: int) -> None:
        self._sum = hashlib.sha256(b"%d:%d:%b" % (since, until, prev))
        self.cases = 0

    def add(self, case_id: int, seq: int, head: bytes) -> None:
        self._sum.update(b"%d:%d:%b" % (case_id, seq, head))
        self.cases += 1

    def seal(self, key: bytes | None = None) -> bytes:
        """The anchor's hash; it covers the anchor before, so a removed anchor is seen by the next."""
        return _seal(self._sum.digest(), key)


def _seal(content: bytes, key: bytes | None) -> bytes:
    return hashlib.sha256(content).digest() if key is None else hmac.digest(key, content, "sha256")
