"""Values and facts in a reader's words, en and zh: `lead.score is 40`, `order.amount is always above 0`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.checks.conditions.formula import Atom, Denied, Formula, Some, Term
from engine.checks.conditions.solving import Model, line_for
from engine.checks.regions import Region, in_words

OPERATORS = {
    ">=": ("at least", "至少为"), "<=": ("at most", "至多为"), ">": ("above", "大于"), "<": ("below", "小于"), "==": ("", "为"),
}  # fmt: skip
MOST_SHOWN = 4


def value_words(term: Term, value: Any) -> str:
    line = line_for(term)
    return line.say(value) if line is not None else str(value)


def witness_words(model: Model) -> tuple[str, str]:
    """'lead.score is 40 and lead.region is empty', in en and zh."""
    en, zh = [], []
    for text, value in list(model.values.items())[:MOST_SHOWN]:
        term = model.terms.get(text)
        if value is None:
            en.append(f"{text} is empty")
            zh.append(f"{text} 为空")
        elif isinstance(value, bool):
            plain = term is not None and term.path is not None
            en.append(
                f"{text} is {'yes' if value else 'no'}" if plain else f"{text} {'holds' if value else 'does not hold'}"
            )
            zh.append(f"{text} 为 {'yes' if value else 'no'}" if plain else f"{text} {'成立' if value else '不成立'}")
        else:
            shown = value_words(term, value) if term is not None else str(value)
            en.append(f"{text} is {shown}")
            zh.append(f"{text} 为 {shown}")
    return " and ".join(en), " 且 ".join(zh)


def known_words(formulas: Iterable[Formula], worked_out: Mapping[Formula, tuple[str, str] | None]) -> tuple[str, str]:
    """What is known of values, 'order.amount is always above 0', 'order.left is order.amount - order.paid', in en and zh."""
    en, zh = [], []
    for formula in formulas:
        if formula in worked_out:
            field, says = worked_out[formula] or ("", "")
            en += [f"{field} is {says}"] if field else []
            zh += [f"{field} 为 {says}"] if field else []
            continue
        for atom in _atoms(formula):
            if atom.operator == "has":
                en.append(f"{atom.term.text} is always filled in")
                zh.append(f"{atom.term.text} 总是已填写")
            else:
                word_en, word_zh = OPERATORS[atom.operator]
                shown = value_words(atom.term, atom.values[0])
                en.append(f"{atom.term.text} is always {word_en} {shown}")
                zh.append(f"{atom.term.text} 总是{word_zh} {shown}")
    return " and ".join(dict.fromkeys(en)), " 且 ".join(dict.fromkeys(zh))


def _atoms(formula: Formula) -> Iterable[Atom]:
    """The atoms that say something: where the value may be empty too, that is left out."""
    if isinstance(formula, Atom):
        yield formula
    elif isinstance(formula, Some):
        for part in formula.parts:
            if not isinstance(part, Denied):
                yield from _atoms(part)
    elif not isinstance(formula, bool | Denied):
        for part in getattr(formula, "parts", ()):
            if isinstance(part, Atom):
                yield part


def fact_words(term: Term, region: Region) -> tuple[str, str]:
    """'order.status is paid', from what is left of its values."""
    words = in_words(region)
    return f"{term.text} is {words}", f"{term.text} 为 {words}"


def together_words(asked: Iterable[Term]) -> tuple[str, str]:
    """Values that go together as the rows of a decision say."""
    names = [term.text for term in asked]
    return f"{' and '.join(names)} are as one row says", f"{' 与 '.join(names)} 符合同一行"
