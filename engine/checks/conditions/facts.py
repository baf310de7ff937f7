"""What is certain of values when a step is reached: by the cases taken on the way, and by what steps set to constants.

A forward analysis over the arrows of one scope: at each step the union of what holds on every way to it. A fact about a
record lasts only inside one transaction, since anybody may edit the record while a step waits; a fact about case data
lasts until a step writes it. What an interrupt leads to begins with what the interrupt asked for and nothing else.

(A little long: one walk over a scope's ways, whose rules about what stays certain must be read together.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.checks.conditions.answers import answers
from engine.checks.conditions.asking import Conditions, conditions_of
from engine.checks.conditions.domains import Domains
from engine.checks.conditions.formula import Atom, Denied, Formula, Term, both, literals, negated, terms
from engine.checks.conditions.reading import constant, path_of
from engine.checks.conditions.solving import impossible, line_for
from engine.checks.conditions.states import Fact, State, joined, narrowed, said
from engine.checks.pack_view import View as PackView
from engine.checks.regions import Region, everything, only
from engine.interpreter.graph import ScopeGraph
from engine.language.diagnostics import Diagnostic
from engine.language.expressions.check import check
from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.tree import Call
from engine.language.expressions.types import DATE, MONEY, NUMBER, TEXT, YES_NO, Choice, bare
from engine.language.kinds.events import Trigger
from engine.language.kinds.form import Field
from engine.language.kinds.node import Node
from engine.language.kinds.scoring import Scoring
from engine.language.kinds.workflow import Workflow, walk
from engine.language.literals import read_literal
from engine.language.place import Written
from engine.language.scopes import names_of
from engine.language.source import place_of
from engine.language.values import Formula as Worked
from engine.language.values import Literal
from engine.language.walk import declares

QUICK = frozenset(
    {"exclusive_gateway", "inclusive_gateway", "parallel_gateway", "notify", "set", "create", "find", "match", "decision",
     "score", "assign", "send", "signal"}
)  # fmt: skip
"""Node types that are done in the transaction that reached them and write no more than their places say."""
SEARCHES = frozenset({"find", "match", "assign"})
"""Those of them that write by what they find."""
PLAIN = (NUMBER, MONEY, DATE, TEXT, YES_NO)
"""Types whose literals mean the same in every zone and organization."""
UTC = ZoneInfo("UTC")
MOST_VISITS = 12
"""So often a step is looked at before its facts are given up: values of loops could grow for ever."""


@dataclass(frozen=True)
class Way:
    """One arrow of a scope. `condition`: what is asked for it; `earlier`: what the cases before it asked, all denied;
    `rest`: those of them that the facts at the arrow do not say already; `base`: the facts before any case."""

    source: Node
    target: str
    condition: Formula = True
    earlier: tuple[Formula, ...] = ()
    rest: tuple[Formula, ...] = ()
    base: State = field(default_factory=dict)
    case: Any = None
    """The gateway's case that draws it, if one does."""
    fresh: bool = False
    """An interrupt's, a deadline's: time has passed, and what the step was to write may be written or not."""
    answer: str | None = None


@dataclass
class Reached:
    """What was found out of one workflow: the facts at every step that can be reached, and the dead arrows."""

    at: dict[str, State] = field(default_factory=dict)
    dead: list[Way] = field(default_factory=list)


class Analysis:
    """The facts of one workflow."""

    def __init__(self, conditions: Conditions, workflow: Workflow) -> None:
        self.conditions = conditions
        self.view = conditions.view
        self.workflow = workflow
        self.names = names_of(workflow, self.view.types)
        self.domains = Domains(self.view, workflow, self.names)
        self.nodes = {str(node.name): node for _, node in workflow.all_nodes()}
        events = {**workflow.start, **(workflow.interrupt or {}), **(workflow.meanwhile or {})}
        self.lines = {str(name): place_of(name).line for name in events}
        self.lines |= {name: place_of(node.name).line for name, node in self.nodes.items()}
        self.written: dict[str, list[Written]] = {}
        for place in self.view.places:
            if place.definition is workflow and place.node is not None and isinstance(place.holds, Written):
                self.written.setdefault(place.node.name, []).append(place.holds)
        self.alone = not any(map(_splits, (node for _, node in workflow.all_nodes()))) and not workflow.meanwhile
        self.found = Reached()

    def run(self) -> Reached:
        starts: list[tuple[str, State]] = []
        for name, trigger in self.workflow.start.items():
            certain = trigger.kind in ("button", "called")  # another cause is delivered later, when much may be changed
            starts.append((str(trigger.next), self.asked(str(name), trigger) if certain else {}))
        for events in (self.workflow.interrupt, self.workflow.meanwhile):
            starts += [(str(trigger.next), self.asked(str(name), trigger)) for name, trigger in (events or {}).items()]
        self.scope(self.workflow.nodes, starts)
        return self.found

    def asked(self, name: str, trigger: Trigger) -> State:
        """What holds when an event fired: it was asked in the same transaction."""
        return self.refined({}, self.condition_of(trigger), name)

    def condition_of(self, event: Any) -> Formula:
        """What was asked when an event fired or a button was pressed, and has not been written over since."""
        if getattr(event, "kind", "") and (event.needs or event.into):
            return True
        asked: list[Formula] = []
        for key in ("once", "becomes", "if_", "that"):
            expression = getattr(event, key, None)
            if isinstance(expression, Expression):
                formula = self.conditions.formula(expression)
                asked += [] if formula is None else [formula]
        return both(*asked)

    def scope(self, nodes: Mapping[str, Node], starts: list[tuple[str, State]]) -> None:
        """Works out one scope; inner scopes as their subprocess is reached."""
        graph = ScopeGraph(nodes, [name for name, _ in starts])
        at: dict[str, State] = {}
        visits: dict[str, int] = {}
        todo: list[str] = []

        def arrive(target: str, state: State) -> None:
            if target not in nodes:
                return
            before = at.get(target)
            visits[target] = visits.get(target, 0) + 1
            after = state if before is None else joined(before, state)
            if visits[target] > MOST_VISITS * (1 + len(graph.into[target])):
                after = {}
            if before is None or after != before:
                at[target] = after
                if target not in todo:
                    todo.append(target)

        for name, state in starts:
            arrive(name, state)
        while todo:
            node = nodes[todo.pop(0)]
            for way, state in self.ways(node, at[node.name], nodes):
                if not self.is_dead(way, state):
                    arrive(way.target, self.after(way, state))
        self.found.at.update(at)
        for name in at:
            node = nodes[name]
            self.found.dead += [way for way, state in self.ways(node, at[name], nodes) if self.is_dead(way, state)]
            if node.inner():
                plain = node.for_each is None and node.repeat is None
                self.scope(
                    node.inner(), [(str(getattr(node, "start", "")), self.entered(node, at[name]) if plain else {})]
                )

    # -- arrows

    def ways(self, node: Node, state: State, nodes: Mapping[str, Node]) -> Iterator[tuple[Way, State]]:
        """Every arrow out of a node with the facts at its end, before its own condition is added."""
        left = self.left(node, state)
        cases = getattr(node, "cases", None)
        if isinstance(cases, tuple):
            yield from self.cases(node, cases, self.entered(node, state))
            return
        events = getattr(node, "events", None)
        for exit_, targets in node.arrows().items():
            event = events.get(exit_) if isinstance(events, Mapping) else node if exit_ == "done" else None
            asked = self.condition_of(event) if event is not None and _hears(event) else True
            buttons = getattr(node, "buttons", None)
            pressed = buttons.get(exit_) if isinstance(buttons, Mapping) else None
            asked = self.condition_of(pressed) if pressed is not None and self.only_by(node, exit_) else asked
            for target in targets:
                for goal in self.goals(node, str(target), nodes):
                    after = self.searched(node, exit_, left)
                    yield Way(node, goal, asked, answer=exit_ if declares(node, "buttons") else None), after
        for events in (node.interrupt, node.meanwhile):
            for trigger in (events or {}).values():
                for goal in self.goals(node, str(trigger.next), nodes):
                    yield Way(node, goal, self.condition_of(trigger), fresh=True), {}
        for target in node.extra_arrows().values():
            for goal in self.goals(node, str(target), nodes):
                yield Way(node, goal, fresh=True), {}

    def cases(self, node: Node, cases: tuple[Any, ...], inside: State) -> Iterator[tuple[Way, State]]:
        """The arrows of a gateway: each with what the cases before it leave, where it comes only after them."""
        first = node.type == "exclusive_gateway"
        left = inside
        earlier: list[Formula] = []
        rest: list[Formula] = []
        for case in cases:
            found: Formula | None = True if case.is_otherwise else self.conditions.formula(case.if_)
            formula: Formula = True if found is None else found
            after = first or case.is_otherwise
            yield (
                Way(
                    node,
                    str(case.next),
                    formula,
                    tuple(earlier) if after else (),
                    tuple(rest) if after else (),
                    inside,
                    case,
                ),
                left if after else inside,
            )
            if case.is_otherwise and first:
                return  # what stands behind it is another finding
            if found is not None:
                earlier.append(found)
                left = self.refined(left, negated(found), str(node.name))
                if not self.told_by_one(found):
                    rest.append(found)

    def told_by_one(self, formula: Formula) -> bool:
        """Whether it asks for one value that the facts follow, so that they say all that it says."""
        asked = list(terms([formula]).values())
        atoms = (literal.atom if isinstance(literal, Denied) else literal for literal in literals(formula))
        alone = len(asked) == 1 and self.lasts(asked[0]) and line_for(asked[0]) is not None
        return alone and all(isinstance(atom, Atom) for atom in atoms)

    def only_by(self, node: Node, button: str) -> bool:
        """Whether a button is pressed by people alone, who must keep its `that`; `nobody` and copies need not."""
        return (
            node.for_each is None
            and node.repeat is None
            and getattr(getattr(node, "nobody", None), "press", None) != button
        )

    def goals(self, node: Node, target: str, nodes: Mapping[str, Node]) -> list[str]:
        """`back` may lead to every step with an arrow here."""
        if target != "back":
            return [target]
        return [other.name for other in nodes.values() if any(t == node.name for t in targets_of(other))]

    def is_dead(self, way: Way, state: State) -> bool:
        if way.condition is True and not way.earlier:
            return False
        return self.contradicts(state, [way.condition, *(negated(one) for one in way.rest)])

    def contradicts(self, state: State, asked: list[Formula]) -> bool:
        """Whether the formulas cannot hold beside the facts."""
        formulas = [*asked, *said(state)]
        return impossible(*formulas, *self.domains.known(terms(formulas).values()))

    def after(self, way: Way, state: State) -> State:
        """The facts behind an arrow that was taken."""
        found = self.refined(state, both(way.condition, *(negated(one) for one in way.rest)), str(way.source.name))
        if way.answer is not None and way.source.for_each is None and way.source.repeat is None:
            parsed = parse(f"steps.{way.source.name}.answer", way.source.span)
            if isinstance(parsed, Expression):
                found = self.refined(found, self.answered(parsed, way.answer), way.source.name)
        return found

    def answered(self, path: Expression, answer: str) -> Formula:
        kind, findings = check(path, self.names, self.view.types.vocabulary)
        if findings or not isinstance(kind, Choice) or answer not in kind.entries:
            return True
        return Atom(Term(path.text, kind, path.tree, tuple(path.text.split(".")), frozenset()), "==", (answer,))

    def refined(self, state: State, formula: Formula, since: str) -> State:
        """The facts with what a formula says of each single value."""
        found = dict(state)
        for text, term in terms([formula]).items():
            line = line_for(term)
            if line is None or not self.lasts(term):
                continue
            region = narrowed(formula, text, line)
            before = found.get(text)
            if region == everything(line):
                continue
            if before is None:
                found[text] = Fact(term, region, (since,))
            elif not before.region <= region:
                found[text] = Fact(term, before.region & region, tuple(dict.fromkeys((*before.since, since))))
        return found

    def lasts(self, term: Term) -> bool:
        """Whether it is stored in the case or a record that it follows, so that only a write changes it."""
        if term.path is None:
            return False
        if term.path[0] == "steps":
            return term.path[-1] == "answer"
        hops = self.domains.hops(term.path) if term.path[0] in ("case", self.workflow.case) else None
        return bool(hops) and all(
            f is None or (f.formula is None and f.type not in ("records", "list", "file"))
            for hop in hops or ()
            for f in hop
        )

    # -- what a step does to the facts

    def entered(self, node: Node, state: State) -> State:
        """The facts when a node runs: it may have waited for a join, a lock or its time."""
        joins = node.join is not None and node.join.mode != "each"
        return self.later(state) if joins or node.mutex or node.available or node.repeat else state

    def left(self, node: Node, state: State) -> State:
        """The facts when a node is left by one of its own exits."""
        state = self.entered(node, state)
        if node.type not in QUICK or node.for_each is not None or node.repeat is not None:
            state = self.later(state)
        inner = [node, *(other for _, other in walk(node.inner(), ()))]
        names = {str(other.name) for other in inner}
        gone = [w for other in inner for w in self.written.get(other.name, ()) if not w.read]
        fields = [f for written in gone for f in self.fields_of(str(written.path))]
        fields += [f for other in inner for f in self.scored(other)]
        lasts = {str(written.path).rsplit(".", 1)[-1] for written in gone if not self.fields_of(str(written.path))}
        found = {
            text: fact
            for text, fact in state.items()
            if not any(
                (path[0] == "steps" and path[1] in names)
                or lasts & set(path)
                or any(mine is f for f in fields for hop in self.domains.hops(path) or () for mine in hop)
                for term in fact.about
                if (path := term.path)
            )
        }
        if any(other.type not in QUICK and other.type in ("merge", "undo") for other in inner):
            found = {text: fact for text, fact in found.items() if not self.on_record(fact)}
        return self.decided(node, state, self.set_to(node, found))

    def later(self, state: State) -> State:
        """Time passes: records may be edited by anybody, case data and steps only by what runs beside."""
        return {text: fact for text, fact in state.items() if self.alone and not self.on_record(fact)}

    def on_record(self, fact: Fact) -> bool:
        return any((term.path or ("",))[0] == self.workflow.case for term in fact.about)

    def fields_of(self, path: str) -> list[Field]:
        hops = self.domains.hops(tuple(path.split(".")))
        return [f for f in hops[-1] if f is not None] if hops else []

    def scored(self, node: Node) -> Iterator[Field]:
        scoring = self.view.pack.get(Scoring, str(getattr(node, "use", ""))) if node.type == "score" else None
        if scoring is not None:
            for name in (scoring.writes.total, scoring.writes.grade):
                yield from self.fields_of(f"{scoring.of}.{name}") if name else ()

    def decided(self, node: Node, before: State, state: State) -> State:
        """What a decision answers, from its rows."""
        if node.type != "decision" or node.for_each is not None or node.repeat is not None:
            return state
        said_ = answers(
            node, self.view, self.term_of, lambda term: before[term.text].region if term.text in before else None
        )
        found = dict(state)
        for term, region in said_.each.items() if said_ is not None else ():
            found[term.text] = Fact(term, region, (str(node.name),))
        if said_ is not None and said_.together is not True:
            term, region = next(iter(said_.each.items()))
            found[f"answers of {node.name}"] = Fact(term, region, (str(node.name),), said_.together)
        return found

    def term_of(self, path: str) -> Term | None:
        """The term of a path whose value only a write changes."""
        parsed = parse(str(path), place_of(path))
        if not isinstance(parsed, Expression) or path_of(parsed.tree) is None:
            return None
        kind, findings = check(parsed, self.names, self.view.types.vocabulary)
        term = Term(str(path), bare(kind), parsed.tree, tuple(str(path).split(".")))
        return None if findings or line_for(term) is None or not self.lasts(term) else term

    def set_to(self, node: Node, state: State) -> State:
        """What a `set` writes: constants, the time, what is known of another value."""
        values = getattr(node, "set", None)
        if not isinstance(values, Mapping) or node.for_each is not None or node.type not in QUICK:
            return state
        found = dict(state)
        for path, value in values.items():
            term = self.term_of(path)
            region = self.written_value(term, value, state) if term is not None else None
            if term is not None and region is not None:
                found[term.text] = Fact(term, region, (str(node.name),))
        return found

    def written_value(self, term: Term, value: Any, before: State) -> Region | None:
        """The values that may have been written."""
        line = line_for(term)
        if line is None:
            return None
        if isinstance(value, Worked):
            tree, copied = value.expression.tree, self.term_of(value.expression.text)
            known = constant(tree)
            if isinstance(tree, Call) and tree.function in ("now", "today"):
                return everything(line).filled
            if copied is not None and copied.text in before and before[copied.text].region.line == line:
                return before[copied.text].region
            number = isinstance(known, int | Decimal) and not isinstance(known, bool) and term.type in (NUMBER, MONEY)
            return only(line, known) if number or known is None else None
        if not isinstance(value, Literal) or (term.type not in PLAIN and not isinstance(term.type, Choice)):
            return None
        read = read_literal(value.text, value.span, term.type, UTC)
        return None if isinstance(read, Diagnostic) else only(line, read)

    def searched(self, node: Node, exit_: str, state: State) -> State:
        """What a search or an assignment wrote, by the exit that it took."""
        if node.type not in SEARCHES or node.for_each is not None or node.repeat is not None:
            return state
        found = dict(state)
        for written in self.written.get(node.name, ()):
            term = self.term_of(str(written.path)) if not written.read else None
            line = line_for(term) if term is not None else None
            what = node.written_at(exit_)
            if term is not None and line is not None and what != "nothing" and getattr(node, "take", "1") == "1":
                region = only(line, None) if what == "empty" else everything(line).filled
                found[term.text] = Fact(term, region, (str(node.name),))
        return found


def analysed(view: PackView, workflow: Workflow) -> tuple[Analysis, Reached]:
    """The facts of a workflow, worked out once for all who ask."""
    key = ("facts", workflow.name)
    if key not in view.remembered:
        analysis = Analysis(conditions_of(view), workflow)
        view.remembered[key] = (analysis, analysis.run())
    found: tuple[Analysis, Reached] = view.remembered[key]
    return found


def _splits(node: Node) -> bool:
    """Whether a second path can run beside the first after this node."""
    return (
        node.type in ("parallel_gateway", "inclusive_gateway")
        or bool(node.meanwhile)
        or node.for_each is not None
        or (node.next is not None and node.next.many != ())
        or any(label.endswith("meanwhile") for label in node.extra_arrows())
    )


def _hears(event: Any) -> bool:
    return bool(getattr(event, "once", None) or getattr(event, "becomes", None) or getattr(event, "if_", None))


def targets_of(node: Node) -> Iterator[str]:
    """Every target of a node's arrows, however they are drawn."""
    for targets in node.arrows().values():
        yield from map(str, targets)
    for events in (node.interrupt, node.meanwhile):
        yield from (str(trigger.next) for trigger in (events or {}).values())
    yield from map(str, node.extra_arrows().values())
