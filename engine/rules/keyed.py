"""Which fields of a form an index answers, and which part of a condition asks for one: what the store looks records up by.

The store (engine/runtime/search.py) finds by these, the checker says where a search has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Compare, Items, Literal, Logic, Name, Node, Not, paths
from engine.language.expressions.tree import Field as Dot
from engine.language.kinds.events import Event
from engine.language.kinds.form import Field, Form
from engine.language.kinds.matching import LookIn, Matching
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.walk import structs

ALWAYS_KEYED = frozenset({"record", "person", "phone", "email"})


def end_of(forms: Mapping[str, Form], form: str, path: str) -> tuple[str, str] | None:
    """The (form, field) that a path through references ends at."""
    *way, last = path.split(".")
    for part in way:
        field = forms[form].fields.get(part) if form in forms else None
        if field is None or field.type != "record":
            return None
        form = str(field.of[0] if isinstance(field.of, tuple) else field.of)
    return (form, last) if form in forms and last in forms[form].fields else None


def keyed_fields(pack: Pack) -> dict[str, frozenset[str]]:
    """Form -> its fields that have key rows: unique ones, references, people, phone, e-mail, and what is looked for by
    equality in a `where`, a `match` or a matching."""
    forms = pack.kind(Form)
    found: dict[str, set[str]] = {
        name: {str(f) for f, field in form.fields.items() if field.unique or field.type in ALWAYS_KEYED}
        for name, form in forms.items()
    }
    for matching in pack.kind(Matching).values():
        for name, struct in matching.look_in.items():
            if isinstance(struct, LookIn) and name in found:
                for path in (struct.any_same or {}).values():
                    end = end_of(forms, str(name), str(path))
                    if end is not None:
                        found[end[0]].add(end[1])
    for workflow in pack.kind(Workflow).values():
        for _, part in structs(workflow):
            if isinstance(part, Event):
                for expression in (part.match or {}).values():
                    for form, field in _dots(expression.tree, forms):
                        found[form].add(field)
            where, of = getattr(part, "where", None), getattr(part, "form", None)
            if isinstance(where, Expression) and isinstance(of, str) and of in forms:
                found[of] |= {
                    field for field, _, _ in equalities(where.tree, of, forms[of], frozenset(forms[of].fields))
                }
    return {
        name: frozenset(f for f in fields if can_have_keys(forms[name].fields[f])) for name, fields in found.items()
    }


def can_have_keys(field: Field) -> bool:
    """What is stored and one value."""
    return field.formula is None and field.type not in ("records", "list", "choices", "duration", "file")


def equalities(tree: Node, form: str, declared: Form, taken: frozenset[str]) -> Iterator[tuple[str, Node, bool]]:
    """The conjuncts of a condition that ask a field of `form` to equal something known before: (field, what, many). A
    field that is yes or no may stand alone.

    `taken`: bare names that mean something else than a field. `many`: `field in <list>`.
    """
    conjuncts = tree.operands if isinstance(tree, Logic) and tree.operator == "and" else (tree,)
    for part in conjuncts:
        flag = _flag(part, form, declared, taken)
        if flag is not None:
            yield flag
        if not isinstance(part, Compare) or part.operator not in ("==", "in"):
            continue
        sides = (
            [(part.left, part.right)] if part.operator == "in" else [(part.left, part.right), (part.right, part.left)]
        )
        for ours, theirs in sides:
            field = _own_field(ours, form, declared, taken)
            if field is not None and not _reads_own(theirs, form, declared, taken):
                yield field, theirs, part.operator == "in"
                break


def _flag(part: Node, form: str, declared: Form, taken: frozenset[str]) -> tuple[str, Node, bool] | None:
    """`order.express` asks it to be yes; `not order.express` no, where every record says one of the two."""
    asked = part.operand if isinstance(part, Not) else part
    name = _own_field(asked, form, declared, taken)
    field = declared.fields[name] if name is not None else None
    if name is None or field is None or field.type != "yes_no" or (isinstance(part, Not) and not field.required):
        return None
    return name, Literal(part.offset, part.length, 1, not isinstance(part, Not)), False


def _own_field(node: Node, form: str, declared: Form, taken: frozenset[str]) -> str | None:
    match node:
        case Dot(of=Name(name=name), name=field) if name == form and field in declared.fields:
            return field
        case Name(name=name) if name in declared.fields and name not in taken and name != form:
            return name
        case _:
            return None


def _reads_own(node: Node, form: str, declared: Form, taken: frozenset[str]) -> bool:
    return any(path[0] == form or (path[0] in declared.fields and path[0] not in taken) for path in paths(node))


def _dots(node: Node, forms: Mapping[str, Form]) -> Iterator[tuple[str, str]]:
    match node:
        case Dot(of=Name(name=form), name=field) if form in forms and field in forms[form].fields:
            yield form, field
        case Items(items=items):
            for item in items:
                yield from _dots(item, forms)
        case _:
            return
