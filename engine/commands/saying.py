"""How a command speaks: its answer on stdout (text, table or JSON), all else on stderr, in the person's language."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

Language = Literal["zh", "en"]
Tell = Callable[[int], None]


class Mistake(Exception):
    """The person's mistake on the command line: one sentence (en, zh), exit 1."""

    def __init__(self, en: str, zh: str, code: str = "wrong-command-line") -> None:
        super().__init__(en)
        self.en, self.zh, self.code = en, zh, code


@dataclass(frozen=True)
class Out:
    """`json`: a machine reads stdout. Then nothing but the answer goes there."""

    json: bool = False
    language: Language = "en"

    def pick(self, en: Any, zh: Any) -> Any:
        return zh if self.language == "zh" else en

    def answer(self, data: Any) -> None:
        """The machine's answer; silent when a person reads."""
        if self.json:
            print(json.dumps(data, ensure_ascii=False), flush=True)

    def line(self, en: str = "", zh: str | None = None) -> None:
        """A line of the person's answer; silent when a machine reads."""
        if not self.json:
            print(self.pick(en, en if zh is None else zh), flush=True)

    def note(self, en: str, zh: str) -> None:
        """Something beside the answer."""
        print(self.pick(en, zh), file=sys.stderr, flush=True)

    def table(
        self, columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], title: str | None = None
    ) -> None:
        """Columns are headings (en, zh). Values are shown as they are, never read as markup."""
        if self.json:
            return
        table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
        for en, zh in columns:
            table.add_column(self.pick(en, zh), overflow="fold")
        for row in rows:
            table.add_row(*(Text("" if value is None else str(value)) for value in row))
        width = None if sys.stdout.isatty() else 160
        Console(file=sys.stdout, width=width).print(table)

    @contextmanager
    def progress(self, en: str, zh: str, total: int | None) -> Iterator[Tell]:
        """A bar on stderr when that is a terminal; what is yielded is told how much is done."""
        if not sys.stderr.isatty():
            yield lambda done: None
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self.pick(en, zh), total=total)
            yield lambda done: bar.update(task, completed=done)


def short_moment(moment: str | None, zone: dt.tzinfo | None) -> str:
    """An ISO moment as people read it: 2026-03-02 09:00 on the clocks of the pack's zone."""
    return dt.datetime.fromisoformat(moment).astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""
