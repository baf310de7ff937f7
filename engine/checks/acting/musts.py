"""What a form's own rules make sure of: `that: has(owner), only_if: status == 'assigned'` fills the owner of what is assigned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.checks.acting.worlds import World, reached, truth
from engine.checks.pack_view import View
from engine.language.expressions import types
from engine.language.expressions.parse import Expression
from engine.language.expressions.types import Choice
from engine.language.kinds.form import Form, Must
from engine.language.kinds.workflow import Workflow


def forbid(view: View, workflow: Workflow, step: str, when: Sequence[tuple[str, Any]]) -> bool:
    """Whether a rule of the case's form keeps its fields from having these values when the step is reached."""
    form = view.pack.get(Form, str(workflow.case)) if workflow.case is not None else None
    if form is None:
        return False
    own = {path.partition(".")[2]: value for path, value in when if path.partition(".")[0] == form.name}
    world = {field: frozenset([value]) for field, value in own.items()}
    return any(
        not world.keys().isdisjoint(".".join(path) for path in rule.that.reads)
        and True not in truth(view, rule.that, world)
        and _applies(view, workflow, step, form, rule)
        for rule in (form.must or {}).values()
    )


def _applies(view: View, workflow: Workflow, step: str, form: Form, rule: Must) -> bool:
    """Whether the rule is looked at in every world in which the step is reached."""
    condition = rule.only_if or rule.unless
    if condition is None:
        return True
    values = dict(_values(view, form, condition))
    if set(values) != {".".join(path) for path in condition.reads}:
        return False
    world: World = {f"{form.name}.{field}": entries for field, entries in values.items()}
    worlds = [found for found, _ in reached(view, workflow, world).get(step, ())]
    holds = rule.only_if is not None
    return bool(worlds) and all(
        (not holds) not in truth(view, condition, {f: w.get(f"{form.name}.{f}", all_) for f, all_ in values.items()})
        for w in worlds
    )


def _values(view: View, form: Form, condition: Expression) -> Iterator[tuple[str, frozenset[object]]]:
    """The fields that the condition reads, each with all that it may hold."""
    for path in condition.reads:
        type_ = view.types.form_field(form.name, path[0]) if len(path) == 1 else types.ANY
        if isinstance(type_, Choice):
            yield path[0], frozenset(type_.entries)
        elif type_ == types.YES_NO:
            yield path[0], frozenset([True, False])
