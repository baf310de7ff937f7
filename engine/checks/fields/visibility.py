"""visibility-trap: fields shown only when they are shown, fields that appear above what people have just filled in,
hidden fields that a rule demands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.conditions.asking import Conditions, conditions_of
from engine.checks.conditions.constants import rule_applies
from engine.checks.conditions.formula import Atom, Formula, negated, terms
from engine.checks.conditions.solving import Undecided
from engine.checks.pack_view import View
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Call, Compare, Logic, Name, Node
from engine.language.kinds.form import Field, Form, Must
from engine.language.messages import forms
from engine.language.places import Written

Fields = Mapping[str, Field]


def check(view: View) -> Iterator[Diagnostic]:
    written, conditions = _written(view), conditions_of(view)
    for form in view.pack.kind(Form).values():
        yield from _fields(form.fields, written)
        yield from _demanded(form, written, conditions)
        for field in form.fields.values():
            if field.type == "list" and isinstance(field.of, Mapping):
                yield from _fields(field.of, written)


def _fields(fields: Fields, written: frozenset[str]) -> Iterator[Diagnostic]:
    reads = {str(name): _reads(field) & fields.keys() for name, field in fields.items()}
    order = {str(name): number for number, name in enumerate(fields)}
    told: set[str] = set()
    for name, field in fields.items():
        if field.visible_if is None:
            continue
        circle = _circle(str(name), reads)
        if circle:
            if not told & set(circle) and _is_closed(circle, fields, written):
                told |= set(circle)
                chain = " -> ".join([*circle, circle[0]])
                yield forms.visibility_trap(
                    field.visible_if.span,
                    name,
                    f"it is shown only when it is shown already ({chain})",
                    f"只有它已经显示时才会显示（{chain}）",
                    "let one of them be seen always",
                    "请让其中一个始终可见",
                )
            continue
        later = [n for n in reads[str(name)] if order[n] > order[str(name)] and _is_asked(fields[n])]
        if later:
            last = max(later, key=lambda n: order[n])
            yield forms.visibility_trap(
                field.visible_if.span,
                name,
                f"whether it is shown depends on '{last}', which comes after it",
                f"它是否显示取决于“{last}”，而“{last}”排在它后面",
                f"put '{name}' after '{last}'",
                f"请把“{name}”移到“{last}”之后",
            )


def _reads(field: Field) -> frozenset[str]:
    return frozenset() if field.visible_if is None else frozenset(path[0] for path in field.visible_if.reads)


def _is_asked(field: Field) -> bool:
    return field.formula is None and field.type not in ("serial", "records")


def _circle(start: str, reads: Mapping[str, frozenset[str]]) -> list[str]:
    """The shortest way from `start` back to it; empty when there is none."""
    ways, seen = [[start]], {start}
    while ways:
        way = ways.pop(0)
        for name in sorted(reads.get(way[-1], ())):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _is_closed(circle: list[str], fields: Fields, written: frozenset[str]) -> bool:
    """Whether all fields of the circle are hidden while they are empty, and nothing but people could fill one in."""
    members = frozenset(circle)
    for name in circle:
        condition = fields[name].visible_if
        if condition is None or not _is_no(condition.tree, members):
            return False
        if fields[name].start_with is not None or not _is_asked(fields[name]) or name in written:
            return False
    return True


def _is_no(tree: Node, empty: frozenset[str]) -> bool:
    """Whether the condition is surely no when these fields are empty: a comparison with empty is."""
    match tree:
        case Logic(operator="and", operands=operands):
            return any(_is_no(operand, empty) for operand in operands)
        case Logic(operands=operands):
            return all(_is_no(operand, empty) for operand in operands)
        case Compare(left=left, right=right):
            return any(isinstance(side, Name) and side.name in empty for side in (left, right))
        case Call(function="has", arguments=(Name(name=name),)):
            return name in empty
        case Name(name=name):
            return name in empty
        case _:
            return False


def _demanded(form: Form, written: frozenset[str], conditions: Conditions) -> Iterator[Diagnostic]:
    """A rule asks for a field that is hidden on some record to which the rule applies, and only people fill it in."""
    for rule in (form.must or {}).values():
        that, applies = conditions.formula(rule.that), rule_applies(rule, conditions)
        if that is None or applies is None:
            continue
        for name, term in terms([that]).items():
            field = form.fields.get(name)
            if field is None or field.visible_if is None or field.start_with is not None:
                continue
            shown = conditions.formula(field.visible_if)
            if shown is None or not _is_asked(field) or name in written:
                continue
            if not conditions.impossible(rule.that, [that, negated(Atom(term, "has"))]):
                continue  # it need not be filled in
            if not _may_be(conditions, rule.that, [applies, negated(shown)]):
                continue
            when_en, when_zh = ("every record", "每条记录") if applies is True else ("records", "记录")
            asked = f"only_if: {_where(rule, field.visible_if.text)}"
            hints = (
                f"{'add' if applies is True else 'write'} {asked}",
                f"请{'加上' if applies is True else '写'} {asked}",
            )
            if conditions.impossible(rule.that, [applies, shown]):
                hints = "show it where the rule applies: change visible_if", "请修改 visible_if，使它在规则适用时显示"
            yield forms.visibility_trap(
                rule.that.span,
                name,
                f"the rule demands it on {when_en}, also where it is hidden",
                f"规则要求{when_zh}填写它，包括它隐藏的时候",
                *hints,
            )


def _where(rule: Must, shown: str) -> str:
    """The rule's own condition and that the field is shown."""
    own = (
        rule.only_if.text
        if rule.only_if is not None
        else f"not ({rule.unless.text})"
        if rule.unless is not None
        else ""
    )
    parts = [f"({part})" if " or " in part and part != own else part for part in (own, shown) if part]
    if rule.only_if is not None and " or " in own:
        parts[0] = f"({own})"
    return " and ".join(parts) if len(parts) > 1 else shown


def _may_be(conditions: Conditions, at: Expression, formulas: list[Formula]) -> bool:
    """Whether there surely are records for which they hold."""
    try:
        found = conditions.model(at, formulas)
    except Undecided:
        return False
    return found is not None and found.sure


def _written(view: View) -> frozenset[str]:
    """The names of all fields that some step, record or rule of the pack writes, whatever the form."""
    paths = (place.holds.path for place in view.places if isinstance(place.holds, Written))
    ends = {str(path).rpartition(".")[2] for path in paths}
    values = {place.keys[-1] for place in view.places if "with" in place.keys}
    return frozenset(ends | values)
