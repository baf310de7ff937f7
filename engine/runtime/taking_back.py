"""A case's latest migration taken back: exactly, while nothing has followed it; else by a migration the other way, if asked for."""

from __future__ import annotations

import dataclasses

from engine.interpreter import events as ev
from engine.interpreter.advance import replay
from engine.interpreter.fates import Fate, fate
from engine.interpreter.instance import Instance
from engine.interpreter.remarks import BEARINGS, Remark
from engine.interpreter.restoring import in_the_way
from engine.interpreter.versions import Choices, Versions
from engine.runtime import codec
from engine.runtime.packs import PackCache
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow, StepRow

KIND = ev.CaseMigrated.__name__
PAGE = 500


def back(reader: Reader, packs: PackCache, row: CaseRow, choices: Choices) -> tuple[int, Fate] | None:
    """The version that a case goes back to and what becomes of it there; None where there is nothing to take back."""
    step = case_queries.last_step_of_kind(reader, row.id, KIND)
    if step is None or step.redacted is not None:
        return None
    event = codec.decode_events(step.events)[0]
    if not isinstance(event, ev.CaseMigrated) or event.undoes or event.to != row.definition_id:
        return None
    case, before, since = _sides(reader, row, step)
    problem = in_the_way(before, case, since)
    if problem is None:
        return event.leaves, Fate("safe", ev.CaseMigrated(restores=codec.encode(before)), (Remark("restored", ""),))
    named = dataclasses.replace(choices, nodes={new: old for old, new in event.nodes.items()} | dict(choices.nodes))
    pair = Versions(
        packs.pack_for(reader, row.definition_id).compiled, packs.pack_for(reader, event.leaves).compiled, named
    )
    found = fate(pair, case)
    keeps = choices.moved_on == "keep"
    remark = Remark(f"{problem}-kept", "") if keeps else Remark(problem, "", fix=(("moved_on", "keep", ""),))
    remarks = (remark, *found.remarks)
    return event.leaves, Fate(max((r.bearing for r in remarks), key=BEARINGS.index), found.event, remarks)


def _sides(reader: Reader, row: CaseRow, migration: StepRow) -> tuple[Instance, Instance, list[ev.AnyEvent]]:
    """The case now, as it was before its migration, and what was recorded from then on."""
    steps: list[StepRow] = []
    while page := case_queries.timeline(reader, row.id, steps[-1].seq if steps else 0, PAGE):
        steps += page
    earlier = [step for step in steps if step.seq < migration.seq]
    before = replay(
        Instance(row.id, row.workflow),
        [codec.decode_events(step.events) for step in earlier],
        [step.at for step in earlier],
    )
    since = [event for step in steps if step.seq >= migration.seq for event in codec.decode_events(step.events)]
    return codec.decode_case(row.state), before, since
