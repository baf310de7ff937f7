"""How a command is added: its own arguments, and those that every command has (--json, --language, --database ...)."""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engine.commands.saying import Language, Mistake, Out
from engine.language.diagnostics import did_you_mean
from engine.settings import Settings, language_of

Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on stdout. 以 JSON 输出结果。")]
Lang = Annotated[
    Literal["zh", "en"] | None,
    typer.Option("--language", help="zh or en. 界面语言。", show_default="REMIT_LANGUAGE, LANG"),
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of a fault. 出错时显示详细信息。")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database", help="URL of the database. 数据库地址。", show_default="REMIT_DATABASE, sqlite:///remit.db"
    ),
]
Definitions = Annotated[
    Path | None,
    typer.Option(
        "--definitions",
        help="Folder of the definitions. 定义所在文件夹。",
        show_default="REMIT_DEFINITIONS, ./definitions",
    ),
]
As = Annotated[str | None, typer.Option("--as", metavar="PERSON", help="Who does it, by id. 操作人。")]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A value; may be repeated. 字段的值，可重复。")
]


CANNOT_OPEN = frozenset(
    {"ArgumentError", "OperationalError", "DatabaseError", "NewerSchema", "OldSchema", "FileNotFoundError",
     "NotADirectoryError", "PermissionError"}
)  # fmt: skip
"""Errors by which the store says that an address is wrong; its library is not known here, so they are told by name."""


@dataclass(frozen=True)
class Place:
    """Where the engine works: the database and the definitions of this command."""

    database: str
    definitions: Path

    def must_be_there(self) -> None:
        """A Mistake when the file of a SQLite database is missing: a wrong name does not make an empty one."""
        found = re.match(r"sqlite(\+\w+)?://(/(?P<file>.*))?$", self.database)
        file = (found["file"] or "").partition("?")[0] if found else None
        if file is not None and not os.path.isfile(file):
            raise Mistake(f"there is no database {file or 'in memory'}", f"没有数据库 {file}", "no-database")

    @contextmanager
    def open(self, *, deploy: bool = False, **options: Any) -> Iterator[Any]:
        """The engine, closed at the end. `deploy`: an empty database gets the definitions first."""
        from engine.engine import Engine

        if not re.match(r"(sqlite|postgresql)(\+\w+)?://", self.database):
            en = "a database is sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
            raise Mistake(en, "数据库地址应为 sqlite:///文件 或 postgresql+psycopg://用户@主机/库名", "no-database")
        try:
            engine = Engine.open(self.database, self.definitions if deploy else None, **options)
        except Exception as problem:
            kind = type(problem).__name__
            if kind not in CANNOT_OPEN:
                raise
            shown = re.sub(r"//[^/@]*@", "//***@", self.database)
            why = why_zh = str(problem).splitlines()[0]
            if kind == "OldSchema":
                why += "; nothing was changed: `remit serve` or `remit deploy` of this version brings it up to date"
                why_zh = f"其结构版本较旧或为空（{problem}）；未作改动，用本版本的 remit serve 或 remit deploy 可更新"
            en, zh = f"the database {shown} cannot be opened: {why}", f"无法打开数据库 {shown}：{why_zh}"
            raise Mistake(en, zh, "no-database") from problem
        try:
            yield engine
        finally:
            engine.close()


def somebody(engine: Any, person: str | None) -> str | None:
    """The person of --as, who must be in the organization; None stays None."""
    people = engine.pack.organization.people if engine.pack.organization is not None else {}
    if person is not None and not people:
        raise Mistake(
            "nothing is deployed in this database yet: remit deploy",
            "此数据库尚未发布定义：remit deploy",
            "nothing-deployed",
        )
    if person is not None and person not in people:
        en, zh = did_you_mean(person, people)
        raise Mistake(f"there is no person '{person}'; {en}", f"没有人员“{person}”；{zh}", "unknown-person")
    return person


def command(app: typer.Typer, name: str, *, help: str, places: bool = False) -> Callable[..., Any]:
    """Adds `function(out, ...)`, with `places` `function(out, place, ...)`; the shared options are added here."""

    def add(function: Callable[..., int | None]) -> Callable[..., int | None]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[2 if places else 1 :]
        shared = [("json_", Json, False), ("language", Lang, None), ("debug", Debug, False)]
        if places:
            shared = [("database", Database, None), ("definitions", Definitions, None), *shared]
        extra = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=d, annotation=a) for n, a, d in shared]

        @functools.wraps(function)
        def run(**given: Any) -> int | None:
            language: Language | None = given.pop("language")
            out = Out(given.pop("json_"), language or language_of())
            given.pop("debug")
            if not places:
                return function(out, **given)
            settings = Settings()
            place = Place(given.pop("database") or settings.database, given.pop("definitions") or settings.definitions)
            return function(out, place, **given)

        keywords = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]
        run.__signature__ = inspect.Signature([*keywords, *extra])  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in (*keywords, *extra)}
        del run.__wrapped__
        app.command(name, help=help)(run)
        return function

    return add
