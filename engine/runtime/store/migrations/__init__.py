"""The schema's history (Alembic, driven from here: no alembic.ini) and how a database is brought up to date (R48).

Rule: additive changes on big tables only; batch mode on SQLite silently loses expression indexes and triggers.
"""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, func, select

from engine.runtime.store.dialect import Dialect
from engine.runtime.store.errors import NewerSchema, OldSchema
from engine.runtime.store.tables import metadata

_LOCK = 0x72656D6974
"""The PostgreSQL advisory lock under which one process migrates; on SQLite the write lock is it."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The revision that this code is written for."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def current(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def check(connection: Connection) -> None:
    """NewerSchema or OldSchema unless the database is at `head`."""
    at = current(connection)
    if at == head():
        return
    _known(ScriptDirectory.from_config(_config()), at)
    raise OldSchema(f"the database is at schema {at or 'none'}, this remit needs {head()}")


def upgrade(connection: Connection, dialect: Dialect) -> None:
    """Runs the missing revisions in one transaction, one process at a time."""
    script = ScriptDirectory.from_config(_config())
    if current(connection) == head():
        connection.rollback()
        return
    connection.rollback()
    dialect.begin(connection)
    try:
        if dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        _known(script, current(connection))
        with EnvironmentContext(
            _config(), script, fn=lambda revision, _: script._upgrade_revs("head", revision)
        ) as environment:
            environment.configure(connection=connection, target_metadata=metadata, transactional_ddl=False)
            environment.run_migrations()
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _known(script: ScriptDirectory, revision: str | None) -> None:
    try:
        if revision is None or script.get_revision(revision) is not None:
            return
    except CommandError:
        pass
    raise NewerSchema(f"the database is at schema {revision}, which this remit does not know: update remit")
