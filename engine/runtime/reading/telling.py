"""What is told of a case, and how its steps, buttons and events are called while it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.events import Await
from engine.interpreter.instance import Instance, Token
from engine.runtime.reading.look import Language, Look
from engine.runtime.reading.titles import named


class Told(NamedTuple):
    """One thing worth telling: a kebab word, the step, who did it, the sentence, the recorded reason."""

    what: str
    node: str | None
    by: str | None
    say: Callable[[Language], str]
    because: dict[str, Any] | None = None


class Telling:
    """One case as it was when the next thing is told: `case` is folded on by whoever tells."""

    def __init__(self, look: Look, workflow: CompiledWorkflow | None, case: Instance) -> None:
        self.look, self.workflow, self.case = look, workflow, case

    def node(self, name: str) -> Any:
        return self.workflow.node(name) if self.workflow is not None and self.workflow.has(name) else name

    def title(self, name: str, language: Language) -> str:
        return self.look.titles.node(self.case.workflow, self.node(name), language)

    def button(self, node: str, name: str, language: Language) -> str:
        return self.look.titles.button(self.case.workflow, self.node(node), name, language)

    def trigger(self, token: Token | None, kind: str, name: str, language: Language) -> str:
        """What a named event of a step, or of the whole case, is called."""
        owner = self.node(token.node) if token is not None else None
        held = owner if owner is not None else (self.workflow.definition if self.workflow is not None else None)
        trigger = named(held, "events" if kind == "event" else kind).get(name)
        node = owner if not isinstance(owner, str) else None
        return self.look.titles.trigger(self.case.workflow, node, kind, name, trigger, language)

    def awaiting(self, no: int) -> tuple[Token | None, Await | None]:
        found = self.case.awaiting(no)
        return (found[0], found[2]) if found is not None else (None, None)
