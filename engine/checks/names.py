"""naming: names that a reader takes for one another, and workflows too long to follow (catalogue N01)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.workflow import Workflow
from engine.language.messages import style
from engine.language.source import Span, place_of
from engine.language.yamltree import LOOK_ALIKES

MOST_STEPS = 60
NAMING = frozenset(
    [
        "start",
        "interrupt",
        "meanwhile",
        "data",
        "buttons",
        "fields",
        "of",
        "must",
        "inputs",
        "outputs",
        "proves",
        "parts",
        "rules",
        "attributes",
        "roles",
        "teams",
        "people",
        "carries",
        "takes",
        "gives",
        "calls",
        "measures",
    ]
)
"""The keys under which names are made; under others (`set`, `give`, `next`) stand names that were made elsewhere."""
SAME_SHAPE = str.maketrans("I1|0O", "llloo")


def check(view: View) -> Iterator[Diagnostic]:
    """naming, at the later of two names, and at the name of a workflow that is too long."""
    kinds: dict[str, list[tuple[str, Span]]] = {}
    for definition in view.pack.definitions.values():
        kinds.setdefault(definition.KIND, []).append((definition.name, definition.span))
    for named in kinds.values():
        yield from _apart(named)
    for _, _, struct in view.structs:
        for key, declared in type(struct).keys().items():
            made = getattr(struct, declared.name) if key in NAMING else None
            if isinstance(made, Mapping):
                yield from _apart((str(name), place_of(name)) for name in made)
    for workflow in view.pack.kind(Workflow).values():
        nodes = [keys[-1] for keys, _ in workflow.all_nodes()]
        yield from _apart((str(name), place_of(name)) for name in nodes)
        if len(nodes) > MOST_STEPS:
            yield style.too_many_steps(workflow.span, workflow.name, len(nodes), MOST_STEPS)


def _apart(named: Iterable[tuple[str, Span]]) -> Iterator[Diagnostic]:
    """Two names that differ in case only, or in letters of the same shape: l and 1, o and 0, those of other alphabets."""
    seen: dict[str, str] = {}
    for name, span in named:
        latin = name.translate(LOOK_ALIKES)
        for form in dict.fromkeys((latin.casefold(), latin.translate(SAME_SHAPE).casefold())):
            other = seen.setdefault(form, name)
            if other != name:
                yield style.look_alike_names(span, name, other)
                break
