"""The verbs of a scenario: each is one outside event, told to the engine as a person or a system would tell it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.interpreter import events as ev
from engine.interpreter.names import microseconds_of
from engine.language import durations
from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.types import Type
from engine.language.kinds.form import Form
from engine.language.kinds.message import Message
from engine.language.kinds.people import Adds
from engine.language.kinds.scenarios import Scenarios, ScenarioStep
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.language.source import Span, place_of
from engine.language.vocabulary import PackTypes
from engine.language.wall_clock import to_utc, zone_named
from engine.language.yamltree import Tree
from engine.play.report import NotMet
from engine.play.stage import Stage
from engine.play.values import Known, names_read, plain_fields, value_of
from engine.runtime import commands
from engine.runtime.store.errors import Refused
from engine.runtime.store.rows import CaseRow, TaskRow

ALL = "all"


class Verbs:
    """Carries out the steps of one test. A refusal comes out as the store's Refused."""

    def __init__(self, stage: Stage, pack: Pack, types_: PackTypes, scenarios: Scenarios) -> None:
        self.stage, self.pack, self.types, self.scenarios = stage, pack, types_, scenarios
        self.known = Known(stage)
        live = scenarios.live if isinstance(scenarios.live, tuple) else tuple(pack.kind(Workflow))
        workflows = pack.kind(Workflow)
        self.live = [workflows[str(name)] for name in live if str(name) in workflows]

    def carry_out(self, step: ScenarioStep) -> None:
        word, by = str(getattr(step, step.verb)), str(step.by) if step.by is not None else None
        place = place_of(getattr(step, step.verb))
        match step.verb:
            case "create":
                self._create(word, step, place, by)
            case "change":
                form, id = self._record(word, place)
                values = self._fields(step.with_, self._columns(form))
                self.stage.ask(commands.ChangeRecord(form=form, id=id, values=values), by)
            case "begin" | "take":
                task = self._task(word, by, place)
                self.stage.tell(task.case_id, ev.TaskBegun(task.no, _somebody(by, place)), by)
            case "give_back":
                task = self._task(word, by, place)
                self.stage.tell(task.case_id, ev.TaskGivenBack(task.no, _somebody(by, place)), by)
            case "press":
                self._press(word, step, place, by)
            case "answer":
                self._answer(word, step, place, by)
            case "message":
                values = self._fields(step.with_, self.types.message(word))
                if self.pack.get(Message, word) is None:
                    raise NotMet(place, f"there is no message '{word}'", f"没有消息“{word}”")
                self.stage.ask(commands.PublishMessage(name=word, payload=values), by)
            case "signal":
                self.stage.ask(commands.PublishSignal(name=word), by)
            case "retry":
                self._retry(word, place, by)
            case "advance":
                duration = durations.parse_duration(word, place)
                if isinstance(duration, Diagnostic):
                    raise NotMet(duration.span, duration.message("en"), duration.message("zh"))
                self.stage.advance(duration)
            case "advance_to":
                self.stage.advance_to(self._moment(word, place))

    # ---- records

    def _create(self, word: str, step: ScenarioStep, place: Span, by: str | None) -> None:
        given = self.scenarios.given or {}
        if word == ALL and ALL not in given:
            changes: dict[str, dict[str, Tree]] = {}
            for path, tree in (step.with_ or {}).items():
                name, _, field = str(path).partition(".")
                changes.setdefault(name, {})[field] = tree
            for name in self._in_order(given):
                self._create_one(name, name, {**given[name], **changes.get(str(name), {})}, by)
            return
        if word not in given and self.pack.get(Form, word) is None:
            raise NotMet(
                place, f"there is no form and nothing given that is called '{word}'", f"没有名为“{word}”的表单或记录"
            )
        fields = {**given.get(word, {}), **(step.with_ or {})}
        for _ in range(step.times or 1):
            self._create_one(word, str(step.as_ or (word if word in given else "")), fields, by)

    def _create_one(self, form: str, name: str, fields: Mapping[str, Tree], by: str | None) -> None:
        values = self._fields(fields, self._columns(form))
        body = self.stage.ask(commands.NewRecord(form=str(form), values=values), by)
        if name:
            self.known.name(str(name), str(form), int(body["id"]))

    def _in_order(self, given: Mapping[str, Mapping[str, Tree]]) -> list[str]:
        """Each record after those that its formulas read; in the order written where that leaves a choice."""
        needs = {
            name: {
                read
                for tree in fields.values()
                for read in names_read(value_of(tree, self.scenarios.path, self.pack))
                if read in given and read != name
            }
            for name, fields in given.items()
        }
        order: list[str] = []
        while needs:
            ready = [name for name, wanted in needs.items() if wanted <= set(order)]
            if not ready:
                place = place_of(next(iter(needs)))
                raise NotMet(place, "these records need each other", "这些记录互相引用")
            order.append(ready[0])
            del needs[ready[0]]
        return order

    def _columns(self, form: str) -> dict[str, Type]:
        return {**types.RECORD_FIELDS, **self.types.form(form)}

    def _fields(self, fields: Mapping[str, Tree] | None, columns: Mapping[str, Type]) -> dict[str, Any]:
        return plain_fields(fields or {}, columns, self.scenarios.path, self.known, self.pack)

    def _record(self, word: str, place: Span) -> tuple[str, int]:
        found = self.known.key(word)
        if found is None:
            raise NotMet(place, f"there is no record '{word}' yet", f"还没有记录“{word}”")
        return found

    # ---- tasks and buttons

    def _task(self, node: str, by: str | None, place: Span) -> TaskRow:
        """The open task at a node: this person's, else one offered to them, else the oldest."""
        found = [task for task in self.stage.open_tasks() if task.node == node]
        if not found:
            raise Refused(409, "late", {"en": f"no task '{node}' is open", "zh": f"没有待办任务“{node}”"})
        mine = [task for task in found if task.assignee == by]
        offered = [task for task in found if task.assignee is None and by in self.stage.candidates(task)]
        return (mine or offered or found)[0]

    def _press(self, word: str, step: ScenarioStep, place: Span, by: str | None) -> None:
        if step.task is not None:
            task = self._task(str(step.task), by, place)
            fill = self._fields(step.fill, self._fillable(task))
            self.stage.tell(task.case_id, ev.TaskCompleted(task.no, word, _somebody(by, place), fill), by)
            return
        case = self._case_with_button(word)
        if case is not None:
            fill = self._fields(step.fill, self._columns(case.record_form or ""))
            self.stage.ask(commands.PressButton(case=case.id, button=word, fill=fill), by)
            return
        for workflow in self.live:
            trigger = workflow.start.get(word)
            if trigger is not None and trigger.button is not None:
                record = self._record(str(workflow.case), place)[1] if workflow.case is not None else None
                fill = self._fields(step.fill, self._columns(str(workflow.case or "")))
                self.stage.ask(commands.StartCase(workflow=workflow.name, start=word, record=record, fill=fill), by)
                return
        open_ones = [task for task in self.stage.open_tasks() if task.assignee == by]
        nodes = [task for task in open_ones if word in self._buttons_of(task)]
        if len(nodes) == 1:  # nobody else has this button: it is clear whose it is
            task = nodes[0]
            fill = self._fields(step.fill, self._fillable(task))
            self.stage.tell(task.case_id, ev.TaskCompleted(task.no, word, _somebody(by, place), fill), by)
            return
        raise Refused(409, "late", {"en": f"there is no button '{word}' now", "zh": f"现在没有“{word}”这个操作"})

    def _buttons_of(self, task: TaskRow) -> tuple[str, ...]:
        node = self._node(task)
        return (*node.own_exits(), *node.optional_exits()) if node is not None else ()

    def _node(self, task: TaskRow) -> Any:
        workflow = self.pack.get(Workflow, task.workflow)
        nodes = workflow.all_nodes() if workflow is not None else ()
        return next((node for path, node in nodes if path[-1] == task.node), None)

    def _fillable(self, task: TaskRow) -> dict[str, Type]:
        """What a press may fill in: the record's fields, an opinion, the fields of the record that it adds."""
        columns: dict[str, Type] = {"opinion": types.TEXT, **self._columns(task.record_form or "")}
        node = self._node(task)
        for path in self._needs(node):
            workflow = self.pack.get(Workflow, task.workflow)
            if path.startswith("case.") and workflow is not None:
                name = path.partition(".")[2]
                columns[name] = self.types.case_data(workflow).get(name, types.ANY)
        adds = getattr(node, "adds", None)
        if isinstance(adds, Adds):
            columns |= {
                str(f): t for f in adds.ask or () if (t := self.types.form_field(adds.form, str(f))) is not None
            }
        return columns

    @staticmethod
    def _needs(node: Any) -> list[str]:
        buttons = getattr(node, "buttons", None)
        return [str(p) for b in buttons.values() for p in b.needs or ()] if isinstance(buttons, Mapping) else []

    def _case_with_button(self, word: str) -> CaseRow | None:
        """The newest open case in which this button can be pressed."""
        for row in self.stage.cases():
            if row.status == 0:
                for await_ in self.stage.instance(row).all_awaits():
                    if await_.kind == "button" and await_.data.get("name") == word:
                        return row
        return None

    # ---- systems and operators

    def _answer(self, word: str, step: ScenarioStep, place: Span, by: str | None) -> None:
        found = self.stage.outside_work(word)
        if found is None:
            raise Refused(409, "late", {"en": f"nothing waits outside at '{word}'", "zh": f"“{word}”没有等待外部处理"})
        case, no, effect = found
        gives = self._fields(step.with_, {})
        self.stage.tell(case, ev.ServiceAnswered(no, True, gives), by, effect)

    def _retry(self, word: str, place: Span, by: str | None) -> None:
        found = next((i for i in self.stage.incidents() if i.node == word), None)
        if found is None:
            raise Refused(409, "late", {"en": f"there is no incident at '{word}'", "zh": f"“{word}”没有异常"})
        self.stage.retry(found.id, _somebody(by, place))

    def _moment(self, word: str, place: Span) -> int:
        local = durations.read_wall_clock(word)
        root = self.pack.root
        if local is None or root is None:
            raise NotMet(place, f"'{word}' is no moment as 2026-03-02 09:00", f"“{word}”不是时刻，如 2026-03-02 09:00")
        moment = microseconds_of(to_utc(local, zone_named(str(root.time_zone))))
        if moment < self.stage.clock.now:
            raise NotMet(place, f"{word} is over already", f"{word} 已经过去")
        return moment


def _somebody(by: str | None, place: Span) -> str:
    if by is None:
        raise NotMet(place, "say who does it: by", "请写明由谁操作：by")
    return by
