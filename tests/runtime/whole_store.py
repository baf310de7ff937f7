"""What stands in a store about running cases, without the numbers by which it does: two such lists are compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from sqlalchemy import text

from engine.interpreter.events import Await
from engine.interpreter.instance import Instance
from engine.runtime import codec
from engine.runtime.store.store import Store

ROWS = (
    "SELECT due_at, node, kind FROM timers",
    "SELECT node, state, assignee, due_at, title, priority, claimed_at FROM tasks WHERE state = 0",
    "SELECT c.subject, c.due_at, t.node FROM task_candidates c JOIN tasks t ON t.case_id = c.case_id AND t.no = c.no",
    "SELECT kind, name, key, node FROM subscriptions",
    "SELECT member, kind, n FROM loads WHERE n <> 0",
    "SELECT node, code, closed_at FROM incidents WHERE closed_at IS NULL",
    "SELECT id, definition_id, status FROM cases",
)


def whole(store: Store) -> list[Any]:
    """Every active case and every row that stands for what is open."""
    found: list[Any] = []
    with store.read() as reader:
        for query in ROWS:
            found.append((query, sorted(map(repr, reader.connection.execute(text(query)))) if query else []))
        states = reader.connection.execute(text("SELECT state FROM cases WHERE status = 0 ORDER BY id"))
        found += [sorted(_case(codec.decode_case(row[0])), key=repr) for row in states]
    return found


def _case(case: Instance) -> Iterator[Any]:
    yield ("data", _text(case.data), case.starter, case.record, case.result)
    for name, run in case.steps.items():
        if run.done is not None:
            yield ("step", name, _text(run))
    for token in case.tokens.values():
        memory = {k: sorted(v.values()) if k == "tasks" else v for k, v in token.memory.items()}
        stands = (token.node, token.state, token.came, token.arrow, token.path, token.opened, token.rounds, token.begun)
        yield ("token", *stands, token.lock, token.armed, token.incident is None, _text(memory), _awaits(token.awaits))
    for scope in case.scopes.values():
        yield (
            "scope",
            scope.node,
            scope.result,
            _awaits(scope.awaits),
            _text(scope.rounds),
            _text(scope.queued),
            _text(scope.undo),
        )


def _awaits(awaits: Mapping[int, Await]) -> list[str]:
    return sorted(_text(msgspec.structs.replace(await_, no=0)) for await_ in awaits.values())


def _text(thing: Any) -> str:
    return msgspec.json.encode(thing, enc_hook=str, order="deterministic").decode()


def differ(before: Iterable[Any], after: Iterable[Any]) -> list[str]:
    """What one has and the other has not, for people."""
    one, other = [repr(x) for x in before], [repr(x) for x in after]
    return [f"- {x}" for x in one if x not in other] + [f"+ {x}" for x in other if x not in one]
