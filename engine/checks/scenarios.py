"""Scenarios: their records, fields, people, tasks and expectations exist, and each test can find something out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks import exits, literals
from engine.checks.pack_view import View
from engine.language import durations, scopes
from engine.language.diagnostics import Diagnostic, only_near
from engine.language.expressions import types
from engine.language.expressions.check import check as check_expression
from engine.language.expressions.parse import parse
from engine.language.expressions.types import Names, RecordType, Type, element_of
from engine.language.kinds.connection import Connection
from engine.language.kinds.events import Event
from engine.language.kinds.form import Form
from engine.language.kinds.message import Message
from engine.language.kinds.node import Node
from engine.language.kinds.people import Adds
from engine.language.kinds.scenarios import Scenario, Scenarios, ScenarioStep
from engine.language.kinds.template import Template
from engine.language.kinds.workflow import Workflow
from engine.language.messages import people, reference, syntax, texts, type_errors
from engine.language.shapes import Reading
from engine.language.shapes.expressions import VALUE
from engine.language.source import Span, Word, place_of
from engine.language.walk import structs
from engine.language.yamltree import Scalar, Sequence, Tree

NODES = ("task", "no_task")
PERSONS = ("of", "offered_to")
WORDS = (*NODES, *PERSONS, "due", "sent", "to", "ended", "case", "tasks", "sent_in_all")
"""What `expect` knows besides field paths and expressions."""


def check(view: View) -> Iterator[Diagnostic]:
    """test-tests-nothing; unknown-resource, unknown-variable, unknown-person, literals by type in scenarios."""
    for scenarios in view.pack.kind(Scenarios).values():
        yield from _Check(scenarios, view).whole()


class _Check:
    def __init__(self, scenarios: Scenarios, view: View) -> None:
        self.scenarios = scenarios
        self.view = view
        self.types = view.types
        self.reading = Reading(view.pack.sources[scenarios.path])
        workflows = view.pack.kind(Workflow)
        live = scenarios.live if isinstance(scenarios.live, tuple) else tuple(workflows)
        self.live = [workflows[name] for name in live if name in workflows]
        self.half_blind = any(kind == "workflow" for kind, _ in view.broken)
        """A workflow that could not be read may have the node, the button or the result that is not found."""
        self.nodes: dict[str, tuple[Workflow, Node]] = {
            path[-1]: (workflow, node) for workflow in reversed(self.live) for path, node in workflow.all_nodes()
        }
        own = workflows.get(scenarios.name)
        known = dict(scopes.of_workflow(own, self.types).known) if own is not None else {}
        known |= scopes.every_form(self.types)
        self.names = Names(known)

    def whole(self) -> Iterator[Diagnostic]:
        scenarios = self.scenarios
        live = scenarios.live if isinstance(scenarios.live, tuple) else (scenarios.name,)
        if scenarios.name not in live and not any(only_near(str(name), (scenarios.name,)) for name in live):
            yield texts.test_tests_nothing(
                scenarios.place("live"),
                f"the workflow {scenarios.name} is asleep",
                f"工作流 {scenarios.name} 未被唤醒",
                f"write live: [{scenarios.name}]",
                f"请写 live: [{scenarios.name}]",
            )
        elif isinstance(scenarios.live, str) and scenarios.live != "all":
            yield reference.unknown_resource(place_of(scenarios.live), "workflow", scenarios.live, ["all"])
        for name in scenarios.services or {}:
            connection, _, call = name.partition(".")
            found = self.view.pack.get(Connection, connection)
            if ("connection", connection) not in self.view.broken and (
                found is None or call not in (found.calls or {})
            ):
                calls = [f"{c.name}.{k}" for c in self.view.pack.kind(Connection).values() for k in c.calls or {}]
                yield reference.unknown_resource(place_of(name), "call", name, calls)
        for form, fields in (scenarios.given or {}).items():
            if not self.view.known("form", form):
                yield reference.unknown_resource(place_of(form), "form", form, self.view.pack.kind(Form))
            else:
                yield from self.fields(fields, form, self.names)
        for name, scenario in scenarios.tests.items():
            yield from self.test(name, scenario)
        yield from self.reading.diagnostics

    def test(self, name: str, scenario: Scenario) -> Iterator[Diagnostic]:
        if durations.read_wall_clock(scenario.at) is None:
            yield syntax.ambiguous_scalar(place_of(scenario.at), scenario.at, *types.words(types.MOMENT))
        if not any(step.verb == "expect" or step.refused for step in scenario.steps):
            yield texts.test_tests_nothing(
                place_of(name),
                f"'{name}' expects nothing",
                f"“{name}”没有任何期望",
                "add a step expect:",
                "请加上 expect: 步骤",
            )
        names = self.names
        for step in scenario.steps:
            yield from self.step(step, names)
            if step.as_ is not None:
                form = self.form_of(step.create, names)
                names = names.child({step.as_: scopes.record(form) if form else types.ANY})

    # -- one step

    def step(self, step: ScenarioStep, names: Names) -> Iterator[Diagnostic]:
        verb = step.verb
        word = str(getattr(step, verb)) if verb != "expect" else ""
        place = place_of(getattr(step, verb)) if verb != "expect" else step.span
        if step.by is not None:
            yield from self.person(step.by, place_of(step.by))
        if verb in ("begin", "take", "give_back", "retry"):
            yield from self.node(word, place)
        if step.task is not None:
            yield from self.node(step.task, place_of(step.task))
        match verb:
            case "create" | "change":
                yield from self.record(word, place, step, names)
            case "press":
                yield from self.press(word, place, step, names)
            case "message":
                yield from self.message(word, place, step, names)
            case "advance":
                read = durations.parse_duration(word, place)
                yield from [read] if isinstance(read, Diagnostic) else []
            case "advance_to" if durations.read_wall_clock(word) is None:
                yield syntax.ambiguous_scalar(place, word, *types.words(types.MOMENT))
            case "expect":
                yield from self.expect(step.expect or {}, names)

    def record(self, word: str, place: Span, step: ScenarioStep, names: Names) -> Iterator[Diagnostic]:
        if word == "all" and step.verb == "create":
            for path, tree in (step.with_ or {}).items():
                form, dot, field = path.partition(".")
                if not dot or form not in (self.scenarios.given or {}):
                    yield type_errors.unknown_variable(
                        place_of(path), path, "given", "given", self.scenarios.given or {}
                    )
                else:
                    yield from self.fields({Word.at(field, place_of(path)): tree}, form, names)
            return
        form_ = self.form_of(word, names)
        if names.known.get(word) == types.ANY:
            return
        if form_ is None:
            known = [n for n, t in names.known.items() if isinstance(t, RecordType)]
            yield reference.unknown_resource(place, "record", word, known)
        else:
            yield from self.fields(step.with_ or {}, form_, names)

    def form_of(self, word: str | None, names: Names) -> str | None:
        found = names.known.get(word or "")
        return found.forms[0] if isinstance(found, RecordType) and len(found.forms) == 1 else None

    def press(self, word: str, place: Span, step: ScenarioStep, names: Names) -> Iterator[Diagnostic]:
        found = self.nodes.get(step.task or "")
        if found is None:
            if step.task is None:
                buttons = self.buttons()
                if word not in buttons and not self.half_blind:
                    yield reference.unknown_resource(place, "button", word, sorted(buttons))
            return
        workflow, node = found
        answers = (*node.own_exits(), *node.optional_exits())
        if word not in answers:
            yield reference.unknown_exit(place, node.name, word, answers)
        columns: dict[str, Type] = {"opinion": types.TEXT}
        if workflow.case is not None:
            columns |= self.types.form(workflow.case)
        adds = getattr(node, "adds", None)
        if isinstance(adds, Adds):
            columns |= {f: t for f in adds.ask or () if (t := self.types.form_field(adds.form, f)) is not None}
        for name, tree in (step.fill or {}).items():
            if workflow.case is not None and self.view.pack.get(Form, workflow.case) is None:
                continue
            if "." in name:
                yield from self.value(tree, self.view.walker.path_type(name, names), names)
            else:
                yield from self.columns({name: tree}, columns, f"the task {node.name}", names)

    def buttons(self) -> set[str]:
        """The buttons of starts, interrupts, meanwhiles and steps of the live workflows."""
        found: set[str] = set()
        for workflow in self.live:
            for keys, struct in structs(workflow):
                if isinstance(struct, Event) and struct.button is not None:
                    found.add(keys[-1])
        return found

    def message(self, word: str, place: Span, step: ScenarioStep, names: Names) -> Iterator[Diagnostic]:
        message = self.view.pack.get(Message, word)
        if ("message", word) in self.view.broken:
            return
        if message is None:
            yield reference.unknown_resource(place, "message", word, self.view.pack.kind(Message))
        else:
            yield from self.columns(step.with_ or {}, self.types.message(word), f"the message {word}", names)

    # -- what is expected

    def expect(self, expected: Mapping[str, Tree], names: Names) -> Iterator[Diagnostic]:
        for key, tree in expected.items():
            place = place_of(key)
            scalars = tree.items if isinstance(tree, Sequence) else (tree,)
            words = [s for s in scalars if isinstance(s, Scalar)]
            if key in NODES:
                for word in words:
                    yield from self.node(word.text, word.span)
            elif key in PERSONS:
                for word in words:
                    yield from self.person(word.text, word.span)
            elif key == "sent":
                for word in words:
                    if not self.view.known("template", word.text):
                        yield reference.unknown_resource(
                            word.span, "template", word.text, self.view.pack.kind(Template)
                        )
            elif key == "ended":
                yield from self.ended(words)
            elif key == "case":
                for word in words:
                    if word.text not in names.known:
                        yield reference.unknown_resource(word.span, "record", word.text, names.known)
            elif key in WORDS:
                type_ = {"due": types.MOMENT, "tasks": types.NUMBER, "sent_in_all": types.NUMBER}.get(key)
                yield from self.value(tree, type_, names)
            else:
                yield from self.fact(key, place, tree, names)

    def ended(self, words: list[Scalar]) -> Iterator[Diagnostic]:
        known = {result for workflow in self.live for result in exits.results(workflow.nodes)}
        for word in words:
            if word.text not in known and word.text not in ("yes", "no", "done") and not self.half_blind:
                yield reference.unknown_resource(word.span, "result", word.text, sorted(known))

    def fact(self, key: str, place: Span, tree: Tree, names: Names) -> Iterator[Diagnostic]:
        """A field path or an expression, and the value that it must have."""
        parsed = parse(key, place)
        if isinstance(parsed, Diagnostic):
            yield parsed
            return
        found, wrong = check_expression(parsed, names, self.types.vocabulary)
        yield from wrong
        if not wrong:
            yield from self.value(tree, found, names)

    # -- parts

    def fields(self, fields: Mapping[str, Tree], form: str, names: Names) -> Iterator[Diagnostic]:
        if ("form", form) in self.view.broken:
            return
        columns = {**types.RECORD_FIELDS, **self.types.form(form)}
        yield from self.columns(fields, columns, form, names)

    def columns(
        self, fields: Mapping[str, Tree], columns: Mapping[str, Type], owner: str, names: Names
    ) -> Iterator[Diagnostic]:
        for name, tree in fields.items():
            if name not in columns:
                yield type_errors.unknown_variable(place_of(name), name, owner, owner, columns)
            else:
                yield from self.value(tree, columns[name], names)

    def value(self, tree: Tree, type_: Type | None, names: Names) -> Iterator[Diagnostic]:
        value = VALUE.read(tree, self.reading)
        if value is None:
            return
        of = type_ or types.ANY
        if isinstance(of, RecordType) and isinstance(tree, Scalar) and tree.text in names.known:
            return  # a record by its name
        if element_of(of) is not None and isinstance(tree, Scalar) and tree.text == "empty":
            return
        yield from literals.of_type(value, of, names, self.view)

    def node(self, word: str, place: Span) -> Iterator[Diagnostic]:
        if word not in self.nodes and not self.half_blind:
            yield reference.unknown_target(place, word, self.nodes)

    def person(self, word: str, place: Span) -> Iterator[Diagnostic]:
        known = self.types.vocabulary.people
        if word not in known and word != "nobody" and self.view.pack.organization is not None:
            yield people.unknown_person(place, "person", word, sorted(known))
