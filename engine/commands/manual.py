"""docs/commands.md, generated from the commands themselves: every command with its arguments and options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import typer

HEAD = """# Commands · 命令

Generated from the code; a test holds it current, and `pytest --accept tests/cli` writes it anew.

Every command answers a person on stdout; with `--json` one JSON document stands there and nothing else. What is beside
the answer (progress, warnings, why something was refused) goes to stderr. A refusal with `--json` is
`{"error": {"code", "message", "message_zh", ...}}`.

| exit | means |
|---|---|
| 0 | done; `check`: no error and no warning |
| 1 | something was found or refused, or the command line is wrong |
| 2 | a fault of remit itself: one sentence with a number; the traceback is in the log, with `--debug` on stderr |

| variable | default | means |
|---|---|---|
| `REMIT_DATABASE` | `sqlite:///remit.db` | URL of the database; `--database` goes before it |
| `REMIT_DEFINITIONS` | `definitions` | folder of the definitions; `--definitions` goes before it |
| `REMIT_LANGUAGE` | from `LC_ALL`, `LANG` | `zh` or `en`; `--language` goes before it |
| `REMIT_HOST`, `REMIT_PORT` | `127.0.0.1`, `8000` | where `serve` listens |
| `REMIT_LOG` | a file for temporary files | where faults are written down |

`serve`, `import`, `start` and `token create` on an empty database make the schema and deploy the definitions.
"""
SHARED = ("json_", "language", "debug", "database", "definitions", "help")
COMMON = """## What commands have in common

| option | means |
|---|---|"""


def manual(app: typer.Typer) -> str:
    """The whole page in Markdown."""
    root = typer.main.get_command(app)
    commands = list(_commands(root, ""))
    shared = {p.name: p for _, command in commands for p in command.params if p.name in SHARED}
    lines = [HEAD, COMMON, *(_row(shared[name]) for name in SHARED if name in shared), ""]
    for name, command in commands:
        lines += [f"## remit {name}\n", f"{command.help}\n", f"```sh\n{_usage(name, command)}\n```\n"]
        own = [p for p in command.params if p.name not in SHARED]
        if own:
            lines += ["| | means |\n|---|---|", *map(_row, own), ""]
    return "\n".join(lines).rstrip() + "\n"


def _commands(group: Any, before: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def _usage(name: str, command: Any) -> str:
    parts = [f"remit {name}"]
    for p in command.params:
        if p.param_type_name == "argument":
            parts.append(_argument(p))
        elif p.required:
            parts.append(f"{p.opts[0]} {_value(p)}")
    return " ".join(parts)


def _argument(p: Any) -> str:
    word = (p.metavar or str(p.name).rstrip("_").upper()).strip("[]")
    return word if p.required else f"[{word}]"


def _value(p: Any) -> str:
    if p.metavar:
        return str(p.metavar)
    words = get_args(p.type_descriptor.annotation)
    return "|".join(map(str, words)) if words else str(p.name).rstrip("_").upper()


def _row(p: Any) -> str:
    if p.param_type_name == "argument":
        shown = _argument(p)
    else:
        shown = p.opts[0] if getattr(p, "is_flag", False) else f"{p.opts[0]} {_value(p)}"
    shown = shown.replace("|", "\\|")
    return f"| `{shown}` | {p.help or 'Show the help of the command. 显示帮助。'} |"
