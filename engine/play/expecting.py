"""`expect`: what must hold now, in the words of LANGUAGE section 11, and what is there instead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from engine.interpreter.names import moment_of
from engine.language import durations, scopes
from engine.language.diagnostics import Diagnostic
from engine.language.expressions import types
from engine.language.expressions.check import check as check_expression
from engine.language.expressions.context import CONTEXT
from engine.language.expressions.faults import ExpressionFault
from engine.language.expressions.parse import parse
from engine.language.expressions.types import Names, RecordType
from engine.language.kinds.scenarios import ScenarioStep
from engine.language.kinds.workflow import Workflow
from engine.language.source import Span, place_of
from engine.language.wall_clock import to_local
from engine.language.yamltree import Scalar, Sequence, Tree
from engine.play.report import NotMet
from engine.play.stage import Notice
from engine.play.values import same, same_phone, shown, typed, value_of
from engine.play.verbs import Verbs
from engine.runtime.store.rows import CaseRow, TaskRow

STATUSES = ("active", "completed", "cancelled", "failed")


class Expecting:
    """Looks at one `expect`. Raises NotMet with the key's place at the first thing that is different."""

    def __init__(self, verbs: Verbs, step: ScenarioStep) -> None:
        self.verbs, self.stage, self.pack = verbs, verbs.stage, verbs.pack
        self.expected = dict(step.expect or {})

    def look(self) -> None:
        case = self._case()
        for key, tree in self.expected.items():
            place = place_of(key) if place_of(key).line else tree.span
            match str(key):
                case "task":
                    for node in _words(tree):
                        self._task(node, place)
                case "no_task":
                    for node in _words(tree):
                        if any(task.node == node for task in self._tasks()):
                            raise self._instead(place, f"no task '{node}'", f"没有任务“{node}”", *self._open())
                case "of" | "offered_to" | "due":
                    if "task" not in self.expected:
                        raise NotMet(place, f"'{key}' belongs to a task: write task too", f"“{key}”需与 task 一起写")
                case "to":
                    if "sent" not in self.expected:
                        raise NotMet(place, "'to' belongs to sent: write sent too", "“to”需与 sent 一起写")
                case "sent":
                    for template in _words(tree):
                        self._sent(template, place)
                case "sent_in_all":
                    self._number(tree, len(self.stage.sent()), place, "notices sent", "条通知")
                case "tasks":
                    self._number(tree, len(self._tasks()), place, "open tasks", "个待办任务", *self._open())
                case "ended":
                    self._ended(_words(tree), case, place)
                case "case":
                    pass
                case _:
                    self._fact(str(key), tree, case, place)

    # ---- the case that is meant

    def _case(self) -> CaseRow | None:
        """The newest case of the workflow under test; with `case`, the one that follows this record."""
        rows = [row for row in self.stage.cases() if row.parent_id is None]
        wanted = self._record()
        if wanted is not None:
            rows = [row for row in rows if (row.record_form, row.record_id) == wanted]
        own = [row for row in rows if row.workflow == self.verbs.scenarios.name]
        return next(iter(own or rows), None)

    def _record(self) -> tuple[str, int] | None:
        tree = self.expected.get("case")
        if tree is None:
            return None
        word = _words(tree)[0]
        found = self.verbs.known.key(word)
        if found is None:
            raise NotMet(tree.span, f"there is no record '{word}' yet", f"还没有记录“{word}”")
        return found

    # ---- tasks

    def _tasks(self) -> list[TaskRow]:
        wanted = self._record()
        found = self.stage.open_tasks()
        return found if wanted is None else [t for t in found if (t.record_form, t.record_id) == wanted]

    def _open(self) -> tuple[str, str]:
        """The open tasks and whose they are."""
        each = []
        for task in self._tasks():
            people = task.assignee or "|".join(self.stage.candidates(task)) or "nobody"
            each.append(f"{task.node} ({people})")
        text = ", ".join(each)
        en, zh = (f"open: {text}", f"待办：{text}") if each else ("no task is open", "没有待办任务")
        for incident in self.stage.incidents():  # most often the reason why a task is not there
            en += f"; incident at {incident.node or 'the case'}: {incident.code}: {incident.message[:200]}"
            zh += f"；{incident.node or '事项'}异常：{incident.code}：{incident.message[:200]}"
        return en, zh

    def _task(self, node: str, place: Span) -> None:
        found = [task for task in self._tasks() if task.node == node]
        if not found:
            raise self._instead(place, f"the task '{node}'", f"任务“{node}”", *self._open())
        if "of" in self.expected:
            wanted = sorted(_words(self.expected["of"]))
            owners = sorted(task.assignee or "nobody" for task in found)
            if wanted != owners and not (len(wanted) == 1 and wanted[0] in owners):
                raise self._instead(
                    self._place("of"), f"of {', '.join(wanted)}", f"负责人 {'、'.join(wanted)}", *self._open()
                )
            found = [task for task in found if (task.assignee or "nobody") in wanted]
        if "offered_to" in self.expected:
            people = sorted(_words(self.expected["offered_to"]))
            if not any(task.assignee is None and sorted(self.stage.candidates(task)) == people for task in found):
                raise self._instead(
                    self._place("offered_to"),
                    f"offered to {', '.join(people)}",
                    f"候选人 {'、'.join(people)}",
                    *self._open(),
                )
        if "due" in self.expected:
            self._due(found)

    def _due(self, found: list[TaskRow]) -> None:
        place = self._place("due")
        word = _words(self.expected["due"])[0]
        times = [None if task.due_at == 2**63 - 1 else self._local(moment_of(task.due_at)) for task in found]
        local = durations.read_wall_clock(word)
        if local is None and word != "empty":
            raise NotMet(place, f"'{word}' is no moment", f"“{word}”不是时刻")
        if local not in times:
            there = ", ".join(f"{at:%Y-%m-%d %H:%M:%S}".removesuffix(":00") if at else "empty" for at in times)
            raise self._instead(place, f"due {word}", f"期限 {word}", f"due {there}", f"期限 {there}")

    def _local(self, moment: dt.datetime) -> dt.datetime:
        with self.stage.look() as look:
            return to_local(moment, look.view.context.zone)

    # ---- notices

    def _sent(self, template: str, place: Span) -> None:
        sent = self.stage.sent()
        found = [notice for notice in sent if notice.template == template]
        to = _words(self.expected["to"]) if "to" in self.expected else []
        if found and all(any(self._reaches(notice, word) for notice in found) for word in to):
            return
        listed = ", ".join(f"{n.template or 'reminder'} to {n.address or n.receiver}" for n in sent)
        what = f"'{template}' sent" + (f" to {', '.join(to)}" if to else "")
        zh = f"已发送“{template}”" + (f"给 {'、'.join(to)}" if to else "")
        there = (f"sent: {listed}", f"已发送：{listed}") if sent else ("nothing was sent", "没有发送通知")
        raise self._instead(self._place("to") if found and to else place, what, zh, *there)

    def _reaches(self, notice: Notice, word: str) -> bool:
        """`to` is a person, a record by its name, or an address as people write it."""
        key = self.verbs.known.key(word)
        return (
            word in (notice.receiver, notice.address)
            or (key is not None and notice.receiver == f"{key[0]}:{key[1]}")
            or same_phone(notice.address, word)
        )

    # ---- results and facts

    def _ended(self, words: list[str], case: CaseRow | None, place: Span) -> None:
        if case is None:
            raise NotMet(place, "there is no case", "没有事项")
        result = self.stage.instance(case).result
        status = STATUSES[case.status]
        for word in words:
            if word == "no":
                met = status == "active"
            elif word == "yes":
                met = status != "active"
            elif word == "done":
                met = status == "completed" and result in (None, "done")
            else:
                met = status != "active" and result == word
            if not met:
                there = f"the case is {status}" + (f" with {result}" if result else "")
                zh = f"事项状态为 {status}" + (f"，结果 {result}" if result else "")
                tasks = self._open()
                raise self._instead(place, f"ended {word}", f"结果 {word}", f"{there}; {tasks[0]}", f"{zh}；{tasks[1]}")

    def _fact(self, key: str, tree: Tree, case: CaseRow | None, place: Span) -> None:
        """A field path or an expression, and the value that it must have, by the type that it gives."""
        parsed = parse(key, place)
        if isinstance(parsed, Diagnostic):
            raise NotMet(parsed.span, parsed.message("en"), parsed.message("zh"))
        known = self.verbs.known
        of, wrong = check_expression(parsed, self._names(), self.verbs.types.vocabulary)
        errors = [found for found in wrong if found.severity == "error"]
        if errors:
            raise NotMet(place, errors[0].message("en"), errors[0].message("zh"))
        wanted = typed(value_of(tree, self.verbs.scenarios.path, self.pack), of, known, tree.span)
        with self.stage.look() as look:
            env: dict[str, Any] = {CONTEXT: look.view.context}
            if case is not None:
                compiled = look.workflow(case)
                assert compiled is not None
                env |= look.names(compiled, self.stage.instance(case), None)
            env |= {name: look.record(*key_) for name, key_ in known.keys().items()}
            try:
                found = parsed.run(env)
            except ExpressionFault as fault:
                raise NotMet(place, f"{key} cannot be worked out: {fault}", f"{key} 无法计算：{fault}") from fault
            if not same(found, wanted):
                raise NotMet(
                    place,
                    f"{key} is {shown(found)}, expected {shown(wanted)}",
                    f"{key} 为 {shown(found)}，期望 {shown(wanted)}",
                )

    def _names(self) -> Names:
        own = self.pack.get(Workflow, self.verbs.scenarios.name)
        known = dict(scopes.of_workflow(own, self.verbs.types).known) if own is not None else {}
        known |= scopes.every_form(self.verbs.types)
        known |= {name: RecordType((form,)) for name, (form, _) in self.verbs.known.named.items()}
        return Names(known)

    # ---- parts

    def _place(self, key: str) -> Span:
        found = next(place_of(name) for name in self.expected if name == key)
        return found if found.line else self.expected[key].span

    def _number(
        self, tree: Tree, found: int, place: Span, what: str, zh: str, also: str = "", also_zh: str = ""
    ) -> None:
        value = value_of(tree, self.verbs.scenarios.path, self.pack)
        wanted = typed(value, types.NUMBER, self.verbs.known, tree.span)
        if found != wanted:
            raise NotMet(
                place,
                f"{found} {what}, expected {shown(wanted)}" + (f"; {also}" if also else ""),
                f"{found} {zh}，期望 {shown(wanted)}" + (f"；{also_zh}" if also_zh else ""),
            )

    @staticmethod
    def _instead(place: Span, wanted: str, wanted_zh: str, there: str, there_zh: str) -> NotMet:
        return NotMet(place, f"expected {wanted}; {there}", f"期望{wanted_zh}；{there_zh}")


def _words(tree: Tree) -> list[str]:
    items: Iterable[Tree] = tree.items if isinstance(tree, Sequence) else (tree,)
    return [str(item.text) for item in items if isinstance(item, Scalar)]
