"""assign: chooses a person by rules and writes them into a field.

`from` is the group, `cap` the most that one may hold, `pick` the order of preference: the next word breaks a tie.
Who is away is left out. Why this one and not the others is recorded.

```yaml
owner:
  type: assign
  field: lead.owner
  from:
    role: sales
    where: contains(person.regions, lead.region)
  cap: person.lead_cap
  pick: [highest person.win_rate, least_loaded, in_turn]
  next: {assigned: mark_assigned, nobody: to_pool}
```
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from engine.interpreter import effects as fx
from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.interpreter.tagged import to_tagged
from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.kinds.people import GROUP, Group
from engine.language.shapes import PATH, ListOf, Question, Reading, Schema, Shape, key
from engine.language.yamltree import Scalar, Tree
from engine.rules.assignment import Assignment, Pick, choose


class PickShape(Shape[Pick]):
    """`highest x`, `lowest x`, `least_loaded`, `in_turn`, `random`."""

    expected = (
        "highest x, lowest x, least_loaded, in_turn or random",
        "highest x、lowest x、least_loaded、in_turn 或 random",
    )
    question = Question(types.ANY, also=("person",))

    def read(self, tree: Tree, reading: Reading) -> Pick | None:
        if isinstance(tree, Scalar):
            word, _, rest = tree.text.partition(" ")
            if word in ("least_loaded", "in_turn", "random") and not rest:
                return Pick(word)  # type: ignore[arg-type]
            if word in ("highest", "lowest") and rest.strip():
                offset = len(word) + 1
                part = Scalar(
                    rest, tree.span.inside(offset, len(rest)), True, inner=tree.inner.inside(offset, len(rest))
                )
                by = self.question.read(part, reading)
                return Pick(word, by) if by is not None else None  # type: ignore[arg-type]
        self.wrong(tree, reading)
        return None

    def json_schema(self, definitions: Schema) -> Schema:
        return {"type": "string", "pattern": "^(least_loaded|in_turn|random|(highest|lowest) .+)$"}


@dataclass(frozen=True, kw_only=True)
class Assign(NodeType):
    """Chooses a person by rules and writes them into a field."""

    TYPE: ClassVar[str] = "assign"

    field: str = key(PATH, "where the person is written", required=True)
    from_: Group = key(GROUP, "who may be chosen", required=True)
    cap: Expression | None = key(
        Question(types.NUMBER, also=("person",)), "the most that one may hold of this record's form"
    )
    pick: tuple[Any, ...] = key(ListOf(PickShape()), "who is preferred; the next word breaks a tie", required=True)

    def own_exits(self) -> tuple[str, ...]:
        return ("assigned", "nobody")

    def written_at(self, exit_: str) -> Literal["value", "empty", "nothing"]:
        return "nothing" if exit_ == "nobody" else "value"

    def enter(self, run: Run) -> Outcome:
        owner = run.owner_of(self.field)
        kind = owner.form if owner is not None else str(run.work.workflow.definition.case or "")
        people = run.view.members(self.from_.role, self.from_.team)
        everyone = run.view.members(None, None)
        cursor = f"{run.work.workflow.name}/{self.name}"
        held = run.view.loads([p.id for p in people], kind)
        rule = Assignment(tuple(self.pick), self.from_.where, self.cap)
        choice = choose(
            rule,
            people,
            run.names,
            held=lambda person: held.get(person.id, 0),
            cursor=run.view.cursor(cursor),
            seed=f"{run.case.id}.{run.case.seq}.{run.token.no}",
            order={person.id: place for place, person in enumerate(everyone)},
            available=lambda person: run.view.substitute(person) is None,
        )
        why = {
            "chosen": choice.chosen.id if choice.chosen is not None else None,
            "candidates": choice.candidates,
            "away": choice.away,
            "not_fitting": choice.not_fitting,
            "at_cap": choice.at_cap,
            "best": [[c.person, c.held, [to_tagged(v) for v in c.seen]] for c in choice.best],
        }
        if choice.chosen is None:
            return Leave("nobody", because=why)
        run.write(self.field, choice.chosen)
        run.emit(fx.MoveCursor(cursor, choice.cursor))
        if self.cap is not None:
            cap = run.evaluate(self.cap, person=choice.chosen)
            run.emit(fx.CountLoad(choice.chosen.id, kind, int(cap)))
        return Leave("assigned", by=None, answer=choice.chosen.id, because=why)
