"""Conditions that are always yes or always no, by what they say or by what is known of the values: constant-condition.

What reads nothing at all is found with the types. A part of a condition is looked at when the whole can change.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.checks.conditions.asking import Conditions
from engine.checks.conditions.domains import Domains
from engine.checks.conditions.formula import Formula, both, either, negated, terms
from engine.checks.conditions.reading import NOTHING, Reader, constant
from engine.checks.conditions.solving import Undecided, impossible, model
from engine.checks.conditions.telling import known_words
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.check import check as check_expression
from engine.language.expressions.parse import Expression
from engine.language.expressions.tree import Choose, Each, Logic, Node, Not, children
from engine.language.expressions.types import YES_NO
from engine.language.kinds.form import Form, Must
from engine.language.messages.conditions import constant_here, rules_exclude_each_other, rules_leave_nothing_where
from engine.language.place import Place
from engine.language.source import place_of
from engine.language.values import Formula as Worked
from engine.language.values import formulas_of


def check(conditions: Conditions) -> Iterator[Diagnostic]:
    """constant-condition, of whole conditions and their parts, and of the rules of a form together."""
    for place in conditions.view.places:
        ends_a_loop = place.keys[-2:-1] in (("repeat",), ("for_each",))  # `loops` says what that means
        if isinstance(place.holds, Expression) and place.wants == YES_NO and not ends_a_loop:
            yield from constant_parts(place.holds, conditions)
        else:
            yield from _chosen(place, conditions)
    for form in conditions.view.pack.kind(Form).values():
        yield from _rules(form, conditions)


def _chosen(place: Place, conditions: Conditions) -> Iterator[Diagnostic]:
    """The tests of `x if test else y` in what is no condition itself; those inside generators are not looked into."""
    held = place.holds
    for expression in (
        formulas_of(held) if isinstance(held, Worked) else (held,) if isinstance(held, Expression) else ()
    ):
        todo = [expression.tree]
        while todo:
            node = todo.pop()
            if isinstance(node, Choose):
                if check_expression(expression, place.names, conditions.view.types.vocabulary, None)[1]:
                    break
                reader = Reader(expression, place.names, conditions.view.types.vocabulary)
                found = (
                    _constant(reader.formula(node.test), conditions.domains_at(place))
                    if constant(node.test) is NOTHING
                    else None
                )
                if found is not None:
                    yield constant_here(expression.place(node.test), *found)
            todo += [] if isinstance(node, Each) else children(node)


def constant_parts(expression: Expression, conditions: Conditions) -> Iterator[Diagnostic]:
    if conditions.formula(expression) is None:
        return
    place = conditions.places[id(expression)]
    reader = Reader(expression, place.names, conditions.view.types.vocabulary)
    todo = [expression.tree]
    while todo:
        node = todo.pop()
        if constant(node) is not NOTHING:
            continue  # found with the types
        found = _constant(reader.formula(node), conditions.domains(expression))
        if found is not None:
            yield constant_here(expression.place(node), *found)
        else:
            todo.extend(_conditions_of(node))


def _conditions_of(node: Node) -> tuple[Node, ...]:
    match node:
        case Not(operand=operand):
            return (operand,)
        case Logic(operands=operands):
            return operands
        case Choose(test=test):
            return (test,)
    return ()


def _constant(formula: Formula, domains: Domains) -> tuple[bool, str, str] | None:
    """Its value and the facts that make it so, en and zh; None when it can be yes and can be no."""
    known = domains.known(terms([formula]).values())
    for value, asked in ((False, formula), (True, negated(formula))):
        try:
            if model([asked, *known]) is None:
                return value, *known_words(_needed(asked, known), domains.worked_out)
        except Undecided:
            pass
    return None


def _needed(asked: Formula, known: list[Formula]) -> list[Formula]:
    """A few of the known facts that are enough."""
    left = list(known)
    for fact in known:
        rest = [other for other in left if other is not fact]
        if impossible(asked, *rest):
            left = rest
    return left


def _rules(form: Form, conditions: Conditions) -> Iterator[Diagnostic]:
    """The first rule that leaves no record, or none to which one of the rules applies, those before it taken together."""
    said: list[Formula] = []
    applying: dict[str, Formula] = {}
    for name, rule in (form.must or {}).items():
        formula, applies = rule_formula(rule, conditions), rule_applies(rule, conditions)
        if formula is None or applies is None or conditions.impossible(rule.that, [formula]):
            continue
        said.append(formula)
        if conditions.impossible(rule.that, said):
            yield rules_exclude_each_other(place_of(name), str(name), form.name)
            return
        alone = conditions.impossible(rule.that, [formula, applies])
        if applies is not True and not alone:
            applying[str(name)] = applies
        for other, when in applying.items():
            if len(said) > 1 and conditions.impossible(rule.that, [*said, when]):
                yield rules_leave_nothing_where(place_of(name), str(name), other, form.name)
                return


def rule_applies(rule: Must, conditions: Conditions) -> Formula | None:
    """When a must rule is looked at; None where that cannot be read."""
    only_if = conditions.formula(rule.only_if) if rule.only_if is not None else True
    unless = conditions.formula(rule.unless) if rule.unless is not None else False
    return None if only_if is None or unless is None else both(only_if, negated(unless))


def rule_formula(rule: Must, conditions: Conditions) -> Formula | None:
    """When a must rule lets a record pass; None where one of its conditions cannot be read."""
    that, applies = conditions.formula(rule.that), rule_applies(rule, conditions)
    return None if that is None or applies is None else either(negated(applies), that)
