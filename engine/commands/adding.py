"""How a command is added: its own arguments, and those that every command has (--json, --language, --database ...)."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engine.commands.saying import Language, Out
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


@dataclass(frozen=True)
class Place:
    """Where the engine works: the database and the definitions of this command."""

    database: str
    definitions: Path

    @contextmanager
    def open(self, *, deploy: bool = False, **options: Any) -> Iterator[Any]:
        """The engine, closed at the end. `deploy`: an empty database gets the definitions first."""
        from engine.engine import Engine

        engine = Engine.open(self.database, self.definitions if deploy else None, **options)
        try:
            yield engine
        finally:
            engine.close()


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
