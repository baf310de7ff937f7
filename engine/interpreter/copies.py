"""for_each: several copies of a node (LANGUAGE 5.4, 13.5; WCP 12-15, 34-36).

Copies of a step that waits are cases of their own (RUNTIME R27): the parent keeps counters, so its state stays small.
Copies of a step that does not wait run inside this step, all or none.
"""

from __future__ import annotations

from bisect import bisect
from decimal import ROUND_CEILING, Decimal
from typing import Any

from engine.interpreter import events as ev
from engine.interpreter.events import Await, Plain
from engine.interpreter.names import finder
from engine.interpreter.node import Child, Fail, Ignore, Leave, NodeType, Opening, Outcome, Wait
from engine.interpreter.run import Run
from engine.interpreter.tagged import from_tagged, to_tagged
from engine.interpreter.view import Refused
from engine.language.expressions import types
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.plain import to_plain
from engine.language.expressions.things import Row
from engine.language.kinds.events import Event
from engine.language.kinds.node import ForEach

AT_ONCE = 200
"""Copies started in one step; more begin as others end."""
MOST_INLINE = 200
MOST_COPIES = 1000
DEADLINE = "deadline"
"""The exit of a copy whose deadline says `next`."""
MORE = "more_on"
"""The purpose of the await that adds copies, and the name of its button."""


def enter(node: NodeType, run: Run) -> Outcome:
    declared = node.for_each
    assert declared is not None
    items = _items(declared, run)
    limit = declared.at_most or (MOST_COPIES if node.waits() else MOST_INLINE)
    if declared.detached:
        limit = min(limit, AT_ONCE)  # nobody waits for them, so nobody would start later ones
    if len(items) > limit:
        return Fail("too-many-copies", f"{len(items)} copies of '{node.name}', at most {limit}")
    if not items:
        return Leave()
    if not node.waits():
        return _inline(node, declared, run, items)
    memory: dict[str, Plain] = {
        "total": len(items), "next": 0, "done": 0, "items": [to_tagged(item) for item in items],
    }  # fmt: skip
    if declared.detached:
        for child in _start(node, declared, run, memory, AT_ONCE):
            run.start_beside(child)
        return Leave()
    openings: list[Opening] = [*_start(node, declared, run, memory, 1 if declared.order == "in_order" else AT_ONCE)]
    return Wait([*openings, *_listen(declared, run)], memory=memory)


def _listen(declared: ForEach, run: Run) -> list[Opening]:
    """While the node runs `more_on` may add copies."""
    from engine.interpreter.arming import opening_of

    opening = opening_of(run, declared.more_on, MORE) if declared.more_on is not None else None
    return [opening] if opening is not None else []


def one_more(node: NodeType, run: Run, event: ev.AnyEvent) -> Outcome:
    """`more_on` happened: another copy, whose item is the record, the message, or what the presser filled in."""
    from engine.interpreter.firing import message_of, take_message

    declared = node.for_each
    assert declared is not None
    assert declared.more_on is not None
    message = message_of(run, event)
    if message is not None:
        run.names["message"] = message
    pressed = isinstance(event, ev.ButtonPressed)
    if declared.more_on.if_ is not None and not run.holds(declared.more_on.if_):
        if pressed:
            raise Refused("not-now", "this is not possible now", "现在不能执行此操作")
        return Ignore()
    memory = dict(run.memory)
    if memory["total"] >= (declared.at_most or MOST_COPIES):
        if pressed:
            raise Refused("too-many-copies", "there can be no more of these", "数量已达上限")
        said = f"'{node.name}' was to have another copy, and has all that it may have"
        run.work.tell_operator(node.name, "too-many-copies", said)
        return Wait()
    item: Any = message
    if isinstance(event, ev.ButtonPressed):
        item = _filled(run, declared.more_on, event)
    elif isinstance(event, ev.MessageArrived):
        take_message(run, declared.more_on, event)
    elif isinstance(event, ev.RecordHappened):
        item = run.view.record(event.form, event.id)
    memory["items"] = [*memory["items"], to_tagged(item)]
    memory["total"] += 1
    return Wait(_start(node, declared, run, memory, 0 if declared.order == "in_order" else 1), memory=memory)


def _filled(run: Run, button: Event, event: ev.ButtonPressed) -> Row | None:
    """A press of the button: what it `needs` is written as ever; the item is what was filled in, nothing is empty."""
    from engine.interpreter.firing import may_press, must_hold, press

    if button.needs:
        press(run, button, event)
        types_at = {str(path).rsplit(".", 1)[-1]: run.type_at(str(path)) for path in button.needs}
        return Row({f: run.typed(v, t) if (t := types_at.get(f)) else v for f, v in event.fill.items()})
    may_press(run, button, event)
    must_hold(run, button)
    return Row(event.fill) if event.fill else None


def _items(declared: ForEach, run: Run) -> list[Any]:
    if declared.in_ is not None:
        return list(run.evaluate(declared.in_) or ())
    assert declared.count is not None
    count = run.evaluate(declared.count)
    return [None] * int(count or 0)


def _start(node: NodeType, declared: ForEach, run: Run, memory: dict[str, Plain], most: int) -> list[Child]:
    """The next copies, at most so many."""
    openings: list[Child] = []
    while memory["next"] < memory["total"] and len(openings) < most:
        memory["next"] += 1
        openings.append(_copy(node, declared, run, memory, memory["next"]))
    return openings


def _copy(node: NodeType, declared: ForEach, run: Run, memory: dict[str, Plain], position: int) -> Child:
    item = {**run.case.item, declared.as_: memory["items"][position - 1], "position": position}
    return Child(
        "copy", run.case.workflow, run.case.record, data=dict(run.case.data), body=node.name, item=item, detached=declared.detached
    )  # fmt: skip


def failed(node: NodeType, memory: dict[str, Plain]) -> list[int]:
    """The positions of copies that ended by an error: a retry starts these again, and nothing else."""
    return list(memory.get("failed", ())) if node.for_each is not None else []


def start_again(node: NodeType, run: Run) -> Outcome:
    """The cause is gone: the failed copies run anew, the others go on or are done."""
    assert node.for_each is not None
    memory = dict(run.memory)
    positions = memory.pop("failed")
    return Wait([_copy(node, node.for_each, run, memory, position) for position in positions], memory=memory)


def resume(node: NodeType, run: Run, event: ev.ChildEnded) -> Outcome:
    """A copy is over: counted, collected; enough of them and the node is done."""
    declared = node.for_each
    assert declared is not None
    assert run.awaited is not None
    if event.error is not None:
        place = int(run.awaited.data.get("position") or 0)
        memory = {**run.memory, "failed": [*run.memory.get("failed", ()), place]}
        run.work.record(ev.Waited(run.token.no, (), (run.awaited.no,), memory))
        return Fail("copy-failed", f"copy {place} of '{node.name}' failed: {event.error}")
    if event.result == DEADLINE and DEADLINE in node.extra_arrows() and DEADLINE not in node.own_exits():
        return Leave(DEADLINE)  # it belongs to the node as a whole: the copies still open are withdrawn
    memory = dict(run.memory)
    memory["done"] += 1
    position = int(run.awaited.data.get("position") or 0)
    row = _row(run, memory, position, event)
    if declared.until is not None:
        memory["rows"] = [*memory.get("rows", ()), row]
    if declared.collect is not None:
        _collect(declared.collect, run, memory, position, row)
    if _enough(declared, run, memory):
        if declared.rest == "finish":
            _let_finish(run, run.awaited.no)
        return Leave()
    openings = _start(node, declared, run, memory, 1)
    return Wait(openings, closes=(run.awaited.no,), memory=memory)


def _let_finish(run: Run, answered: int) -> None:
    """The copies still open go on unwatched: they belong to the scope now, which is over when they are."""
    still = [a for a in run.token.awaits.values() if a.kind == "child" and a.no != answered]
    if still:
        run.work.record(ev.Waited(run.token.no, (), tuple(a.no for a in still)))
        run.work.record(
            ev.Armed(
                run.token.scope, tuple(Await(a.no, "child", "detached", data={"node": run.token.node}) for a in still)
            )
        )


def _enough(declared: ForEach, run: Run, memory: dict[str, Plain]) -> bool:
    if memory["done"] >= memory["total"]:
        return True
    if declared.first is not None and memory["done"] >= min(_wanted(declared, run, memory["total"]), memory["total"]):
        return True
    if declared.until is None:
        return False
    results = run.typed(memory["rows"], types.answers())
    return run.holds(declared.until, done=memory["done"], total=memory["total"], results=results)


def _wanted(declared: ForEach, run: Run, total: int) -> int:
    """So many copies: a number, a percent of the number now, or an expression."""
    text = str(declared.first)
    if text.endswith("%"):
        return int((Decimal(text[:-1]) * total / 100).to_integral_value(ROUND_CEILING))
    parsed = parse(text)
    number = run.evaluate(parsed) if isinstance(parsed, Expression) else None
    return int(number) if number is not None else total


def _row(run: Run, memory: dict[str, Plain], position: int, event: ev.ChildEnded) -> dict[str, Plain]:
    """What a finished copy came to, as `collect` and `until` read it."""
    item = to_plain(from_tagged(memory["items"][position - 1], finder(run.view)))
    return {"item": item, "result": event.result, **{k: event.answer.get(k) for k in ("answer", "by", "opinion")}}


def _collect(path: str, run: Run, memory: dict[str, Plain], position: int, row: dict[str, Plain]) -> None:
    """One row a finished copy, in item order; a new run of the node begins a new list. `collected`: whose rows are in."""
    name = path.split(".", 1)[1]
    positions: list[int] = list(memory.get("collected") or ())
    rows = list(run.case.data.get(name) or ()) if positions else []
    place = bisect(positions, position)
    positions.insert(place, position)
    rows.insert(place, row)
    memory["collected"] = positions
    run.work.record(ev.VariableSet(name, rows))


def _inline(node: NodeType, declared: ForEach, run: Run, items: list[Any]) -> Outcome:
    """Copies of a step that does not wait: one after another inside this step."""
    outer = run.names
    for position, item in enumerate(items, 1):
        run.names = {**outer, declared.as_: item, "position": position}
        outcome = node.enter(run)
        if not isinstance(outcome, Leave):
            run.names = outer
            return (
                outcome
                if isinstance(outcome, Fail)
                else Fail("copy-waits", f"a copy of '{node.name}' cannot wait here")
            )
    run.names = outer
    return Leave()
