"""Which starts hear what a case did, for which record, and in which world: the `match`, `if` and `becomes` of events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.checks.waking.asking import Asking, NotKnown
from engine.checks.waking.playing import Woken
from engine.checks.waking.world import CASE, MESSAGE, Frame, Seeing, Value, World
from engine.language.kinds.events import Trigger
from engine.language.kinds.workflow import Workflow


@dataclass(frozen=True)
class Entry:
    """Where a case, or a path beside one, begins. `beside`: a `meanwhile` of a case that is open already."""

    workflow: Workflow
    name: str
    trigger: Trigger
    beside: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.workflow.name, f"meanwhile {self.name}" if self.beside else self.name


def entries(workflow: Workflow) -> Iterator[Entry]:
    """Every start, and every event of the whole case that may come again while it waits for something else."""
    for name, trigger in workflow.start.items():
        yield Entry(workflow, str(name), trigger)
    for name, trigger in (workflow.meanwhile or {}).items():
        if trigger.kind in ("created", "changed", "becomes", "message", "signal"):
            yield Entry(workflow, str(name), trigger, beside=True)


class Hearing:
    def __init__(self, asking: Asking) -> None:
        self.asking, self.view = asking, asking.view

    def first(self, entry: Entry) -> Iterator[tuple[Frame, World]]:
        """How a case begins of which nothing is known."""
        workflow, trigger = entry.workflow, entry.trigger
        form = str(workflow.case) if workflow.case is not None else None
        frame = Frame(workflow, Value("as", form, form) if form is not None else None)
        heard = trigger.created or trigger.changed
        if trigger.message is not None:
            frame = replace(frame, message=_message(entry, str(trigger.message)))
        elif heard is not None:
            named = Value("as", f"message of {heard}", str(heard)) if heard != form else frame.record
            frame = replace(frame, message=named)
        world: World | None = World()
        try:
            for expression in (trigger.becomes, trigger.if_):
                if expression is not None and world is not None:
                    world = self.asking.ask(expression, frame, world)
        except NotKnown:
            return
        if world is not None:
            yield frame, world

    def hears(
        self, entry: Entry, woken: Woken, before: World, after: World, by: Frame
    ) -> Iterator[tuple[Frame, World]]:
        """The cases that begin there, as a frame and the world that it needs. `by` is the case that did it."""
        trigger = entry.trigger
        try:
            for frame, world in self._starts(entry, woken, after, by):
                found: World | None = world
                if trigger.becomes is not None:
                    found = self._becomes(entry, woken, frame, before, world)
                if found is not None and trigger.if_ is not None and trigger.kind != "called":
                    found = self.asking.ask(trigger.if_, frame, found)
                if found is not None:
                    kept = (by.message.text,) if by.message is not None and by.message.form.startswith(MESSAGE) else ()
                    gone = kept if frame.message is None or frame.message.text not in kept else ()
                    yield frame, found.without(*gone)
        except NotKnown:
            return

    def _starts(self, entry: Entry, woken: Woken, world: World, by: Frame) -> Iterator[tuple[Frame, World]]:
        trigger, workflow = entry.trigger, entry.workflow
        match woken.kind:
            case "changed" | "created" if woken.record is not None:
                form = workflow.case if trigger.becomes is not None else getattr(trigger, woken.kind)
                own = entry.beside and woken.kind == "changed" and workflow is by.workflow
                if form == woken.name and not own:
                    yield from self._by_record(entry, woken, world)
            case "message" if trigger.message == woken.name:
                yield from self._by_message(entry, woken, world, by)
            case "signal" if trigger.signal == woken.name and (workflow.case is None or entry.beside):
                yield Frame(workflow, by.record if workflow.case is not None else None), world
            case "called" if trigger.called is not None and workflow.name == woken.name:
                data = {(CASE + workflow.name, name): value for name, value in woken.values.items()}
                yield Frame(workflow, woken.record), world.with_(data)

    def _by_record(self, entry: Entry, woken: Woken, world: World) -> Iterator[tuple[Frame, World]]:
        trigger, workflow, record = entry.trigger, entry.workflow, woken.record
        assert record is not None
        if workflow.case is None or workflow.case == record.form:
            of: Value | None = record if workflow.case is not None else None
        else:
            of = Seeing(self.view, Frame(workflow), world).field(record, str(trigger.of)) if trigger.of else None
            if of is None or of.form != workflow.case:
                return
        frame = Frame(workflow, of, record, changed=frozenset(woken.fields) if woken.kind == "changed" else None)
        if woken.kind == "created" or trigger.becomes is not None:
            yield frame, world
            return
        wanted = {str(name) for name in trigger.fields or ()}
        for name, needs in woken.fields.items():
            after = self.asking.taken(needs, world) if not wanted or name in wanted else None
            if after is not None:
                yield frame, after
                return

    def _becomes(self, entry: Entry, woken: Woken, frame: Frame, before: World, after: World) -> World | None:
        """True now, and not before; a new record counts as false before."""
        expression = entry.trigger.becomes
        assert expression is not None
        found = self.asking.ask(expression, frame, after)
        if found is None or woken.kind == "created":
            return found
        was = replace(found, store=before.store)
        earlier = self.asking.ask(expression, frame, was, holds=False)
        return replace(earlier, store=after.store) if earlier is not None else None

    def _by_message(self, entry: Entry, woken: Woken, world: World, by: Frame) -> Iterator[tuple[Frame, World]]:
        """For the record of the case that sent it where its fields are equal, else for another that is found by them."""
        trigger, workflow = entry.trigger, entry.workflow
        message = _message(entry, woken.name)
        world = world.with_({(message.text, name): value for name, value in woken.values.items()})
        if workflow.case is None:
            yield Frame(workflow, None, message), world
            return
        wanted: dict[str, Value] = {}
        for name, expression in (trigger.match or {}).items():
            path = next(iter(expression.reads), ())
            value = woken.values.get(str(name))
            if value is None or value.kind not in ("is", "as") or path[:1] != (str(workflow.case),) or len(path) != 2:
                return
            wanted[path[1]] = value
        record = by.record if by.record is not None and by.record.form == workflow.case else None
        seeing = Seeing(self.view, by, world)
        if record is None or any(seeing.field(record, name) != value for name, value in wanted.items()):
            record = Value("as", f"found by {workflow.name}/{entry.name}", str(workflow.case))
            world = world.without(record.text).with_({(record.text, name): value for name, value in wanted.items()})
        yield Frame(workflow, record, message), world


def _message(entry: Entry, name: str) -> Value:
    return Value("as", f"{MESSAGE}{name}", MESSAGE + name)
