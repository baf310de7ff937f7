"""What people steps share: who gets the task, what happens when nobody does, the deadline, reminders, and who may answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.interpreter import effects as fx
from engine.interpreter import events as ev
from engine.interpreter.events import Await
from engine.interpreter.filling import fill_needs
from engine.interpreter.names import microseconds_of, moment_of
from engine.interpreter.node import Fail, Leave, Opening, Outcome, Timer, Wait
from engine.interpreter.run import Run
from engine.interpreter.view import Refused
from engine.language.expressions.things import Person
from engine.language.kinds.people import Adds, Button, Deadline, Nobody

OPINION = "opinion"


@dataclass(frozen=True)
class Due:
    """When a task is due and the timers for it: deadline and first reminder."""

    at: int | None
    timers: tuple[Opening, ...]


def due_of(run: Run, deadline: Deadline | str, person: Person | None, start: dt.datetime | None = None) -> Due:
    """The deadline's moment, on the person's calendar, counted from `start` (now)."""
    if not isinstance(deadline, Deadline):
        return Due(None, ())
    timers: list[Opening] = []
    if deadline.within is not None:
        at, keys = run.due_after(deadline.within, start, person), frozenset[str]()
    else:
        assert deadline.by is not None
        moment, keys = run.moment(deadline.by)
        at = microseconds_of(moment) if moment is not None else None
    timers.append(Timer("deadline", at, tuple(sorted(keys)), moving=deadline.by is not None))
    if deadline.remind is not None and deadline.remind.times > 0:
        timers.append(Timer("remind", run.due_after(deadline.remind.every, start, person), count=1))
    return Due(at, tuple(timers))


def clocks_of(run: Run, deadline: Deadline | str | None, person: Person | None) -> tuple[Opening, ...]:
    """The timers of an open task as `deadline` has them, counted from when the step began, or `since` its clock was last
    started anew; reminders that are past are not sent again."""
    if not isinstance(deadline, Deadline):
        return ()
    began = moment_of(run.memory["since"]) if "since" in run.memory else run.opened
    timers = [t for t in due_of(run, deadline, person, began).timers if isinstance(t, Timer)]
    found: list[Opening] = []
    for timer in timers:
        while timer.purpose == "remind" and timer.due is not None and timer.due <= microseconds_of(run.now):
            assert deadline.remind is not None
            after = run.due_after(deadline.remind.every, moment_of(timer.due), person)
            timer = replace(timer, due=after, count=timer.count + 1)
        if timer.purpose != "remind" or (deadline.remind is not None and timer.count <= deadline.remind.times):
            found.append(timer)
    return tuple(found)


def without(run: Run, people: Iterable[Person], nodes: Sequence[str] | None) -> list[Person]:
    """The people who did none of these steps, nor voted in them (four eyes)."""
    done = [run.case.steps[str(n)] for n in nodes or () if str(n) in run.case.steps]
    did = {by for step in done for by in (step.by, *step.voters)}
    return [person for person in people if person.id not in did]


def only(run: Run, people: Iterable[Person], nodes: Sequence[str] | None) -> list[Person]:
    """The people who did all of these steps that were done."""
    did = {by for n in nodes or () if str(n) in run.case.steps and (by := run.case.steps[str(n)].by) is not None}
    return [person for person in people if not did or {person.id} == did]


def nobody_there(run: Run, nobody: Nobody | None) -> Outcome | list[Person] | None:
    """No person came out: other people, an outcome, or None to keep the task open without people."""
    if nobody is None or nobody.incident:
        return Fail("nobody-can-act", f"no person for '{run.token.node}'")
    if nobody.transfer_to is not None:
        others = run.people(nobody.transfer_to)
        return others or Fail("nobody-can-act", f"no person for '{run.token.node}', nor among those it passes to")
    if nobody.press is not None:
        return Leave(str(nobody.press), answer=str(nobody.press))
    if nobody.next is not None:
        return Leave("nobody")
    return None


def stand_in(run: Run, person: Person) -> list[Person]:
    """Who gets a person's task today: the substitute, both, or the person (organization: away)."""
    absence = run.view.substitute(person)
    if absence is None or absence[1] is None or absence[0] == "person_decides":
        return [person]
    return [absence[1]] if absence[0] == "substitute_decides" else [person, absence[1]]


def remind(run: Run, deadline: Deadline | str, fired: ev.TimerFired, to: Iterable[str]) -> Outcome:
    """Tells the people and waits for the next reminder, counted from when this one was due."""
    assert run.awaited is not None
    assert isinstance(deadline, Deadline)
    assert deadline.remind is not None
    for person in to:
        run.emit(
            fx.Notify(f"person:{person}", "", ("app",), {"what": "reminder"}, run.case.record, node=run.token.node)
        )
    count = run.awaited.count
    if count >= deadline.remind.times:
        return Wait((), closes=(run.awaited.no,))
    again = Timer("remind", run.due_after(deadline.remind.every, moment_of(fired.due)), count=count + 1)
    return Wait((again,), closes=(run.awaited.no,))


def too_soon(run: Run, deadline: Deadline | str) -> None:
    """`at_least`: the task cannot be done sooner than so long after its opening."""
    if not isinstance(deadline, Deadline) or deadline.at_least is None:
        return
    earliest = run.due_after(deadline.at_least, run.opened)
    if earliest is not None and microseconds_of(run.now) < earliest:
        when = moment_of(earliest).astimezone(run.zone)
        raise Refused(
            "too-soon", f"this can be done from {when:%Y-%m-%d %H:%M} on", f"{when:%Y-%m-%d %H:%M} 之后才能办理"
        )


def button_holds(run: Run, button: Button) -> str | None:
    """The button's `say` when its `that` does not hold."""
    if button.that is None or run.holds(button.that):
        return None
    return str(button.say or "this is not possible now")


@dataclass(frozen=True)
class Pressed:
    """What a press brought: the opinion, and the fields that the person changed."""

    opinion: str | None
    changed: tuple[str, ...]


def press(run: Run, event: ev.TaskCompleted, button: Button | None, edit: Sequence[str], adds: Adds | None) -> Pressed:
    """Carries out a press: what was filled in is written where the step grants it, what the button needs is there,
    its `that` holds, the added record is made. Raises Refused."""
    fill = dict(event.fill)
    opinion = fill.pop(OPINION, None)
    needs = [str(path) for path in (button.needs or ()) if path != OPINION] if button is not None else []
    if button is not None and OPINION in (button.needs or ()) and not opinion:
        raise Refused(OPINION, "an opinion must be given", "必须填写意见")
    asked = (
        {str(field): fill.pop(str(field)) for field in (adds.ask or ()) if str(field) in fill}
        if adds is not None
        else {}
    )
    changed = fill_needs(run, needs, fill, edit)
    person = run.view.person(event.by)
    run.names["person"] = person
    said = button_holds(run, button) if button is not None else None
    if said is not None:
        raise Refused(said, said, said)
    if adds is not None:
        _add(run, adds, asked, event.by)
    return Pressed(str(opinion) if opinion is not None else None, changed)


def _add(run: Run, adds: Adds, asked: dict[str, Any], by: str) -> None:
    from engine.interpreter.view import Unfit

    values = {str(f): run.value(v, run.view.type_of(adds.form, f)) for f, v in (adds.with_ or {}).items()}
    for field, plain in asked.items():
        type_ = run.view.type_of(adds.form, field)
        values[field] = run.typed(plain, type_) if type_ is not None else plain
    if run.view.type_of(adds.form, "done_by") is not None:
        values.setdefault("done_by", run.view.person(by))
    try:
        run.create(adds.form, values)
    except Unfit as unfit:
        first = unfit.violations[0]
        raise Refused(first.field or first.rule, first.en, first.zh, unfit.violations) from unfit


def not_yours() -> Refused:
    return Refused("not-yours", "this task is not yours", "这不是您的任务")


def task_of(run: Run) -> Await | None:
    """The open task of this run."""
    return next((a for a in run.token.awaits.values() if a.kind == "task"), None)


def due_now(run: Run) -> int | None:
    """When the task of this run is due as things stand: its deadline's timer."""
    return next((a.due for a in run.token.awaits.values() if a.purpose == "deadline"), None)
