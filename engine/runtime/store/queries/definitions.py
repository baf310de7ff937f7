"""Deployed definitions: the active index, closures by id and hash, the deployment counter (R30-R32); access tokens."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import bindparam, func, select

from engine.runtime.store.prepared import Query
from engine.runtime.store.queries.conditions import limit
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import ActiveRow, DefinitionRow, DeploymentRow, TokenRow
from engine.runtime.store.tables import active, definitions, deployments, tokens


class Latest(NamedTuple):
    id: int | None


_ACTIVE = Query(select(active).order_by(active.c.kind, active.c.name), ActiveRow)
_BY_HASH = Query(select(definitions).where(definitions.c.hash == bindparam("hash")), DefinitionRow)
_LATEST = Query(select(func.max(deployments.c.id)), Latest)
_LOG = Query(
    select(deployments).where(deployments.c.id < bindparam("before")).order_by(deployments.c.id.desc()).limit(limit()),
    DeploymentRow,
)
_TOKEN = Query(select(tokens).where(tokens.c.digest == bindparam("digest"), tokens.c.revoked_at.is_(None)), TokenRow)
_TOKENS_OF = Query(select(tokens).where(tokens.c.person == bindparam("person")).order_by(tokens.c.id), TokenRow)


def active_definitions(reader: Reader) -> list[ActiveRow]:
    """Everything in force."""
    return reader.all(_ACTIVE)


def definition_with_hash(reader: Reader, hash: str) -> DefinitionRow | None:
    return reader.one(_BY_HASH, hash=hash)


def latest_deployment(reader: Reader) -> int:
    """The highest deployment id; 0 before the first. A new one means: read the active index again."""
    return reader.all(_LATEST)[0].id or 0


def deployment_log(reader: Reader, before: int = 2**63 - 1, limit: int = 50) -> list[DeploymentRow]:
    """The latest first."""
    return reader.all(_LOG, before=before, limit=limit)


def token_with(reader: Reader, digest: bytes) -> TokenRow | None:
    """The token with this digest, unless it is revoked."""
    return reader.one(_TOKEN, digest=digest)


def tokens_of(reader: Reader, person: str) -> list[TokenRow]:
    return reader.all(_TOKENS_OF, person=person)
