"""secret-or-injection, first half: a credential that stands in a definition, wherever it is written, comments too.

Known are the shapes that services give their keys (each with a prefix of its own), an address with a password in it,
`password=...`, a private key, and any value of a key that is called like one. Random-looking values under other names
are left alone: a reference number looks the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.types import Choice, Plain
from engine.language.kinds.connection import Connection
from engine.language.messages import security
from engine.language.source import Source, Span, place_of
from engine.language.values import Literal
from engine.language.yamltree import MAX_CHARACTERS

_SHAPES = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])"  # Amazon
    r"|LTAI[0-9A-Za-z]{12,26}(?![0-9A-Za-z])"  # Aliyun
    r"|AKID[0-9A-Za-z]{32}(?![0-9A-Za-z])"  # Tencent
    r"|AIza[0-9A-Za-z_-]{35}"  # Google
    r"|gh[pousr]_[0-9A-Za-z]{30,}|github_pat_[0-9A-Za-z_]{30,}|glpat-[0-9A-Za-z_-]{20,}"  # GitHub, GitLab
    r"|xox[abprs]-[0-9A-Za-z-]{10,}"  # Slack
    r"|[rs]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[0-9A-Za-z+/=]{20,}"  # Stripe, webhooks
    r"|sk-[A-Za-z0-9_-]{20,}"  # OpenAI and others
    r"|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}"  # SendGrid
    r"|eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]+"  # JSON Web Token, RFC 7519
    r")|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"  # RFC 7468
    r"|(?<=://)[^/\s:@'\"{}]+:[^/\s@'\"{}]+(?=@)"  # user:password@host, RFC 3986
    r"|(?i:(?<![a-z])(?:password|passwd|pwd|api[_-]?key|access[_-]?token|secret)=[^\s;&'\"{}<>=]{4,})"
    r"|(?i:(?<![a-z])bearer\s+[A-Za-z0-9._~+/-]{16,}=*)"
)
_SAID = re.compile(r"(?i)#.*?\b(?:password|passwd|pwd|api[_ -]?key|token|secret)\s*(?:[:=]|is)\s*(\S*\d\S*)")
"""A comment that tells one: `# password: hunter2`."""
_NAMES = re.compile(r"(?:\w*_)?(?:password|passwd|pwd|secret|token|api_?key|access_?key|private_?key|credentials?)\Z")
_NAME_OF_A_SECRET = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\Z|[a-z][a-z0-9]*(?:_[a-z0-9]+)+\Z")
"""ESIGN_TOKEN, esign_token: how the environment's names are written."""


def check(view: View) -> Iterator[Diagnostic]:
    told: set[tuple[str, int]] = set()
    for source in view.pack.sources.values():
        if len(source.text) > MAX_CHARACTERS:  # refused unread; looking through it would only take time
            continue
        for span in _in_text(source):
            told.add((span.path, span.line))
            yield _finding(span)
    for connection in view.pack.kind(Connection).values():
        name = connection.secret
        if name is None or (_NAME_OF_A_SECRET.match(name) and not _looks_random(name)):
            continue
        place = place_of(name)
        place = place if place.line else connection.place("secret")
        if (place.path, place.line) not in told:
            told.add((place.path, place.line))
            yield _finding(place)
    for place_ in view.places:
        if not isinstance(place_.holds, Literal) or not _is_secret_name(place_.keys):
            continue
        typed = isinstance(place_.wants, Choice) or (isinstance(place_.wants, Plain) and place_.wants.name != "text")
        span = place_.holds.span
        if not typed and _looks_secret(str(place_.holds.text)) and (span.path, span.line) not in told:
            yield _finding(span)


def _in_text(source: Source) -> Iterator[Span]:
    for number, line in enumerate(source.lines, 1):
        found = _SHAPES.search(line)
        if found is not None:
            yield Span(source.path, number, found.start() + 1, number, found.end() + 1)
        elif "#" in line and (said := _SAID.search(line)) is not None:
            yield Span(source.path, number, said.start(1) + 1, number, said.end(1) + 1)


def _is_secret_name(keys: tuple[str, ...]) -> bool:
    own = keys[-2] if keys[-1:] == ("start_with",) and len(keys) > 1 else keys[-1] if keys else ""
    return _NAMES.match(own.rpartition(".")[2]) is not None


def _looks_secret(text: str) -> bool:
    """A value, not a word that stands for one: `empty`, `none`, `changed_by_admin` are words."""
    return len(text) >= 6 and " " not in text and (any(c.isdigit() for c in text) or _looks_random(text))


def _looks_random(text: str) -> bool:
    """Capital and small letters mixed as no name mixes them, or twenty letters and digits without a break."""
    mixed = sum(a.islower() and b.isupper() for a, b in pairwise(text)) >= 2
    longest = max((len(part) for part in re.split(r"[_\W]", text) if any(c.isdigit() for c in part)), default=0)
    return mixed or longest >= 20


def _finding(span: Span) -> Diagnostic:
    return security.secret_or_injection(
        span,
        "this looks like a credential: everybody who may read the definitions could use it",
        "这里像是一个凭据：能看到定义的人都可以使用它",
        "take it out, make it invalid where it came from, and name it: secret: ESIGN_TOKEN (its value is in the environment)",
        "请删除它并在签发处作废，然后只写名称：secret: ESIGN_TOKEN（值放在环境变量中）",
    )
