"""Cases that go on with another version of their workflow: which stand on an old one, moving one, taking it back (R31)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from engine.interpreter.advance import advance
from engine.interpreter.compiled import CompiledWorkflow
from engine.interpreter.fates import Called, Fate, Further, Standing, fate
from engine.interpreter.instance import Instance
from engine.interpreter.remarks import BEARINGS
from engine.interpreter.versions import Choices, Versions
from engine.interpreter.view import Refused
from engine.language.diagnostics import Severity, did_you_mean
from engine.language.kinds.form import Form
from engine.language.kinds.workflow import Workflow
from engine.language.pack import Pack
from engine.runtime import codec
from engine.runtime.closures import closure_hash
from engine.runtime.commands import MigrateCase
from engine.runtime.packs import PackCache
from engine.runtime.store.errors import Refused as Stopped
from engine.runtime.store.queries import cases as case_queries
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import CaseRow
from engine.runtime.store.statements import DEFINITIONS
from engine.runtime.taking_back import back

if TYPE_CHECKING:
    from engine.runtime.handling import Handling
    from engine.runtime.machine import Machine

PAGE = 200
MOST_NAMED = 20
"""Cases of a group that are named; the rest are counted."""


def active_cases(reader: Reader, workflow: str) -> Iterator[CaseRow]:
    """Every running case of a workflow, page by page, the newest first."""
    before = case_queries.LAST
    while page := case_queries.cases_of_workflow(reader, workflow, 0, before, PAGE):
        yield from page
        before = page[-1].id


def versions(reader: Reader, packs: PackCache, leaves: int, to: int, choices: Choices) -> Versions:
    return Versions(packs.pack_for(reader, leaves).compiled, packs.pack_for(reader, to).compiled, choices)


def standing(reader: Reader, packs: PackCache, pack: Pack) -> list[Standing]:
    """The running cases of every workflow that `pack` has another version of, or no longer has, by version."""
    things_differ = _live_texts(packs.live(reader).pack) != _live_texts(pack)
    found: dict[int, list[Instance]] = {}
    for one in case_queries.running(reader):
        workflow = pack.get(Workflow, one.workflow)
        if workflow is None and any(d.severity is Severity.ERROR for d in pack.diagnostics):
            continue  # it may stand in a file that cannot be read
        stored = reader.row(DEFINITIONS, one.definition_id)
        same = workflow is not None and stored is not None and stored.hash == closure_hash(workflow, pack)
        if things_differ or not same:
            found[one.definition_id] = []
    for name in sorted({packs.pack_for(reader, id).workflow or "" for id in found}):
        for row in active_cases(reader, name):
            if row.definition_id in found:
                found[row.definition_id].append(codec.decode_case(row.state))
    return [
        Standing(
            packs.pack_for(reader, id).compiled, cases, {case.id: called_by(reader, packs, case) for case in cases}
        )
        for id, cases in sorted(found.items())
    ]


def called_by(reader: Reader, packs: PackCache, case: Instance) -> Called:
    """The versions that the open cases which a case has called run on."""
    if not any(await_.kind == "child" for await_ in case.all_awaits()):
        return {}
    rows = case_queries.active_children(reader, case.id)
    return {
        row.parent_no: packs.pack_for(reader, row.definition_id).compiled.definition
        for row in rows
        if row.parent_no is not None
    }


def running(reader: Reader, packs: PackCache, pack: Pack) -> list[tuple[CompiledWorkflow, int]]:
    """Every version that cases run on, with how many; none when the forms and called workflows of `pack` are those in force."""
    if _live_texts(packs.live(reader).pack) == _live_texts(pack):
        return []
    return [(packs.pack_for(reader, one.definition_id).compiled, one.n) for one in case_queries.running(reader)]


def told(workflow: str, judged: Sequence[tuple[Instance, Fate]]) -> dict[str, Any]:
    """A workflow's cases by what becomes of them: those of which the same is said together, the worst first."""
    groups: dict[tuple[Any, ...], list[int]] = {}
    for case, found in judged:
        groups.setdefault((found.bearing, found.remarks), []).append(case.id)
    listed = [
        {
            "bearing": bearing,
            "cases": len(ids),
            "ids": [str(id) for id in ids[:MOST_NAMED]],
            "remarks": [r.plain() for r in remarks],
        }
        for (bearing, remarks), ids in groups.items()
    ]
    listed.sort(key=lambda g: -BEARINGS.index(g["bearing"]))
    counts = {bearing: sum(g["cases"] for g in listed if g["bearing"] == bearing) for bearing in BEARINGS}
    return {"workflow": workflow, "cases": len(judged), "bearings": counts, "groups": listed}


def migrate_all(
    machine: Machine, workflow: str, by: str | None, choices: Choices, undo: bool, dry_run: bool, further: Further
) -> dict[str, Any]:
    """Each running case by itself, PAGE of them in a commit; one that cannot go is left as it is and told."""
    judged: list[tuple[Instance, Fate]] = []
    moves: list[MigrateCase] = []
    pairs: dict[tuple[int, int], Versions] = {}
    with machine.store.read() as reader:
        latest = machine.packs.definition_id(reader, workflow)
        for row in active_cases(reader, workflow):
            goes = _back_or_on(reader, machine.packs, row, latest, choices, undo)
            if goes is None:
                continue
            to, found = goes
            case = codec.decode_case(row.state)
            if (row.definition_id, to) not in pairs:
                pairs[row.definition_id, to] = versions(reader, machine.packs, row.definition_id, to, choices)
            found = further(versions(reader, machine.packs, row.definition_id, to, choices), case, found)
            judged.append((case, found))
            if found.goes and not case.body:
                moves.append(MigrateCase(actor=by or "", case=row.id, to=to, choices=choices, undo=undo, seen=case.seq))
    _all_known(choices, list(pairs.values()))
    answer = told(workflow, judged) | {"migrated": 0, "refused": [], "dry_run": dry_run}
    if dry_run:
        return answer
    for start in range(0, len(moves), PAGE):
        for move, came in zip(moves[start : start + PAGE], machine.run_many(moves[start : start + PAGE]), strict=True):
            if isinstance(came, Stopped):
                answer["refused"].append({"case": str(move.case), **came.detail})
            elif isinstance(came, BaseException):
                raise came
            else:
                answer["migrated"] += 1
    return answer


def _back_or_on(
    reader: Reader, packs: PackCache, row: CaseRow, latest: int | None, choices: Choices, undo: bool
) -> tuple[int, Fate] | None:
    """The version that a case goes to, and what becomes of it there; None where it has nowhere to go."""
    if undo:
        return back(reader, packs, row, choices)
    if latest is None or latest == row.definition_id:
        return None
    case = codec.decode_case(row.state)
    pair = versions(reader, packs, row.definition_id, latest, choices)
    return latest, fate(pair, case, called_by(reader, packs, case))


def _all_known(choices: Choices, pairs: Sequence[Versions]) -> None:
    """Refuses names that no version has: a choice that is not read would be accepted in silence."""
    if not pairs:
        return
    old = {n for pair in pairs for n in pair.old.graph.nodes}
    new = {n for pair in pairs for n in pair.new.graph.nodes}
    data = {n for pair in pairs for n in pair.old.data_types}
    asked = (
        ("nodes", choices.nodes, old), ("nodes", choices.nodes.values(), new), ("anew", choices.anew, old),
        ("votes", choices.votes, old), ("empty", choices.empty, data),
    )  # fmt: skip
    for key, names, known in asked:
        for name in names:
            if name not in known:
                en, zh = did_you_mean(str(name), sorted(known))
                said = {"en": f"{key}: there is no '{name}'; {en}", "zh": f"{key}：没有“{name}”；{zh}"}
                raise Stopped(422, "unknown-name", said)
    for name in choices.votes:
        if not any(pair.old.has(name) and pair.old.node(name).by_votes() for pair in pairs):
            said = {"en": f"votes: nobody votes in '{name}'", "zh": f"votes：“{name}”不是会签步骤"}
            raise Stopped(422, "no-votes", said)
        if name in choices.anew:
            said = {"en": f"'{name}' stands under anew and under votes", "zh": f"“{name}”同时写在 anew 和 votes 中"}
            raise Stopped(422, "said-twice", said)


def _live_texts(pack: Pack) -> dict[str, str]:
    """Running cases read forms, and call workflows, as they are now."""
    called = {n: w for n, w in pack.kind(Workflow).items() if any(t.called is not None for t in w.start.values())}
    things = {
        **{f"form/{n}": form for n, form in pack.kind(Form).items()},
        **{f"workflow/{n}": w for n, w in called.items()},
    }
    return {name: pack.sources[thing.path].text for name, thing in things.items()}


def migrate(handling: Handling, command: MigrateCase) -> dict[str, Any]:
    """Moves one case; its fate is worked out here, on the state that the transaction sees."""
    row = handling.case_row(command.case)
    goes = _back_or_on(handling.reader, handling.packs, row, command.to, command.choices, command.undo)
    if goes is None and command.undo:
        raise Refused("nothing-to-undo", "this case was not migrated, or not last", "该事项没有可撤销的迁移")
    if goes is None:
        raise Refused("late", "this case runs on that version already", "该事项已是该版本")
    to, found = goes
    case = codec.decode_case(row.state)
    if command.seen is not None and case.seq != command.seen:
        raise Refused(
            "changed", "it has moved on while it was judged; migrate again", "评估期间事项已有进展，请重新迁移"
        )
    if case.body:
        raise Refused("not-possible", "a copy goes on as it began", "副本按原定义办完")
    if not found.goes:
        raise Refused(found.bearing, *_why(found))
    event = msgspec.structs.replace(
        found.event,
        by=command.actor or None,
        leaves=row.definition_id,
        to=to,
        began=row.started_at,
        undoes=command.undo,
    )
    compiled = handling.compiled(to)
    view = handling.view(command.actor or None, compiled)
    step = advance(compiled, case, event, view, handling.tx.now)
    handling.save(row, step, view, event, command.actor or None, definition=to)
    return {"case": str(row.id), "bearing": found.bearing}


def _why(found: Fate) -> tuple[str, str]:
    worst = [r for r in found.remarks if r.bearing == found.bearing]
    return "; ".join(r.text() for r in worst), "；".join(r.text("zh") for r in worst)
