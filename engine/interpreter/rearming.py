"""What becomes of the timers and events of a case that moves to another version: which stay, which are armed anew.

What is armed by a purpose that the new version lacks is withdrawn, what differs is armed anew, what is new is armed. What
has fired already is left alone, and is not armed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.interpreter import availability
from engine.interpreter.copies import MORE
from engine.interpreter.events import Await
from engine.interpreter.instance import Instance, Token
from engine.interpreter.node import NodeType
from engine.interpreter.versions import Versions
from engine.language.kinds.events import Event
from engine.language.kinds.people import Deadline

DEADLINE, REMIND = "deadline", "remind"
THROWN = ("error", "escalation")
COUNTED = "after"
"""The kind of event whose timer counts from when its step began; the others are worked out as the new version says."""


class Rearming:
    """`closes`: numbers of awaits that go; `opens`: (token, or 0 for the case; purpose) of what is opened instead.

    `say(what, node, to)` takes the remarks.
    """

    def __init__(self, versions: Versions, case: Instance, say: Callable[[str, str, str], None]) -> None:
        self.versions, self.case, self.say = versions, case, say
        self.closes: list[int] = []
        self.opens: list[tuple[int, str]] = []

    def of_token(self, token: Token, old: NodeType, new: NodeType) -> None:
        """An open run that goes on: its events, its deadline with reminders, and the end of its time."""
        before = _events(old, token.awaits.values())
        self._events(token.no, token.node, token.awaits.values(), before, _events(new, token.awaits.values()))
        self._clocks(token, old, new)
        self._end_of_time(token, old, new)

    def of_case(self) -> None:
        """The workflow's own events; a case whose interrupt has fired is disarmed for good (LANGUAGE 4)."""
        own = self.case.scopes.get(0)
        if own is None:
            return
        before, after = (_of_workflow(w.definition) for w in (self.versions.old, self.versions.new))
        fired = any(purpose.startswith("interrupt:") for purpose in before) and not own.awaits
        if not fired:
            self._events(0, "", own.awaits.values(), before, after)

    def _events(
        self, no: int, node: str, awaits: Iterable[Await], before: Mapping[str, Event], after: Mapping[str, Event]
    ) -> None:
        held = {a.purpose: a for a in awaits if a.kind != "retry"}
        for purpose, event in before.items():
            await_, other, name = held.get(purpose), after.get(purpose), _called(purpose, event)
            if await_ is None:
                if other is not None and _arms(other) != _arms(event):
                    self.say("event-was-there", node, name)
                continue
            timer = await_.kind in ("timer", "moment")
            if other is not None and _arms(other) == _arms(event):
                self.say("timer-kept" if timer else "event-kept", node, name)
                continue
            self.closes.append(await_.no)
            if other is None:
                self.say("timer-gone" if timer else "event-gone", node, name)
                continue
            self.opens.append((no, purpose))
            self.say(_word(other, "moved"), node, name)
        for purpose, event in after.items():
            if purpose not in before:
                self.opens.append((no, purpose))
                self.say(_word(event, "added"), node, _called(purpose, event))

    def _clocks(self, token: Token, old: NodeType, new: NodeType) -> None:
        was, now = _deadline(old), _deadline(new)
        held = {a.purpose: a for a in token.awaits.values() if a.purpose in (DEADLINE, REMIND)}
        if was is None:
            if now is not None:
                self.opens += [(token.no, p) for p in (DEADLINE, REMIND) if p == DEADLINE or now.remind is not None]
                self.say("timer-added" if now.within is not None else "timer-set", token.node, DEADLINE)
            return
        if now is None:
            self.closes += [a.no for a in held.values()]
            if held:
                self.say("timer-gone", token.node, DEADLINE)
            return
        same = {DEADLINE: (was.within, was.by) == (now.within, now.by), REMIND: was.remind == now.remind}
        if DEADLINE not in held:
            self.say("timer-fired", token.node, DEADLINE)
        elif same[DEADLINE]:
            self.say("timer-kept" if _outcome(was) == _outcome(now) else "timer-does-other", token.node, DEADLINE)
        else:
            self.say("timer-moved" if now.within is not None else "timer-set", token.node, DEADLINE)
        if REMIND in held and same[REMIND]:
            self.say("timer-kept", token.node, REMIND)
        elif not same[REMIND]:
            self.say("timer-gone" if now.remind is None else "reminders-moved", token.node, REMIND)
        moved = [p for p in (DEADLINE, REMIND) if not same[p] and (p == REMIND or p in held)]
        self.closes += [held[p].no for p in moved if p in held]
        self.opens += [(token.no, p) for p in moved if p == DEADLINE or now.remind is not None]

    def _end_of_time(self, token: Token, old: NodeType, new: NodeType) -> None:
        """`available: {to}` of a step that is shown and not begun."""
        was, now = (n.available.to if n.available is not None else None for n in (old, new))
        held = next((a for a in token.awaits.values() if a.purpose == availability.TO), None)
        if was == now or (held is None and (was is not None or token.begun)):
            return
        if held is not None:
            self.closes.append(held.no)
        if now is not None:
            self.opens.append((token.no, availability.TO))
        word = "timer-gone" if now is None else "timer-set"
        self.say(word, token.node, "available to")


def _called(purpose: str, event: Event) -> str:
    """How an event is told: by its name, and what a step itself waits for by its kind."""
    name = purpose.partition(":")[2]
    said = getattr(event, str(event.kind))
    return name or (f"{event.kind} {said}" if isinstance(said, str) else str(event.kind))


def _word(event: Event, how: str) -> str:
    """How it is told that an event is armed (`added`) or armed anew (`moved`)."""
    if event.kind == COUNTED:
        return f"timer-{how}"
    return "timer-set" if event.kind in ("at", "every") else f"event-{how}"


def _events(node: NodeType, awaits: Iterable[Await]) -> dict[str, Event]:
    """Purpose -> event: those of its interrupts and meanwhiles, and those that the type itself waits for."""
    found = _of_workflow(node)
    if node.for_each is not None:
        if node.for_each.more_on is not None:
            found[MORE] = node.for_each.more_on
        return found
    for name, trigger in (getattr(node, "events", None) or {}).items():
        found[f"event:{name}"] = trigger
    if "own" not in found and any(a.purpose == "own" for a in awaits):
        own = node.event_for("own")
        if own is not None:
            found["own"] = own
    return found


def _of_workflow(owner: Any) -> dict[str, Event]:
    """The interrupts and meanwhiles of a node or a workflow, but for those that are thrown inside it."""
    return {
        f"{how}:{name}": trigger
        for how in ("interrupt", "meanwhile")
        for name, trigger in (getattr(owner, how) or {}).items()
        if trigger.kind not in THROWN
    }


def _arms(event: Event) -> tuple[Any, ...]:
    """What must be opened to hear an event; its `if`, `needs` and arrow are read when it fires."""
    kind = str(event.kind)
    return (kind, getattr(event, kind), event.match, event.of, event.times, bool(event.fields))


def _deadline(node: NodeType) -> Deadline | None:
    deadline = getattr(node, "deadline", None)
    return deadline if isinstance(deadline, Deadline) else None


def _outcome(deadline: Deadline) -> tuple[Any, ...]:
    """What a deadline does when it comes."""
    return (deadline.next, deadline.meanwhile, deadline.transfer_to, deadline.press, deadline.keep_open)
