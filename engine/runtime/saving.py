"""From the drafts of a step to rows of its batch: records, versions, keys, unique values, loads (R8, R15, R33)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.language.expressions.plain import from_plain
from engine.language.expressions.things import Person, Record
from engine.rules.in_form import InForm
from engine.runtime.drafts import Draft, Drafts
from engine.runtime.fitting import Fitting
from engine.runtime.form_facts import FormFacts
from engine.runtime.keys import LOAD, key_text, pieces, pieces_field
from engine.runtime.records import FREE, FieldKey
from engine.runtime.settling import Settling
from engine.runtime.store.rows import RecordRow, RecordVersionRow
from engine.runtime.store.transaction import Transaction


@dataclass(frozen=True)
class RecordChange:
    """What one step did to one record, for those who listen. `changes`: field -> [old, new], plain."""

    form: str
    id: int
    created: bool
    version: int
    changes: Mapping[str, tuple[Any, Any]]
    merged_into: int | None = None

    @property
    def key(self) -> str:
        return f"{self.form}:{self.id}"

    @property
    def fields(self) -> frozenset[str]:
        return frozenset(self.changes)


def save(
    transaction: Transaction,
    drafts: Drafts,
    fitting: Fitting,
    settling: Settling,
    *,
    actor: str | None,
    cause: str | None,
) -> list[RecordChange]:
    """Everything that the step laid over its records, as rows of the transaction's batch."""
    settling.absorb()
    for name, count in sorted(fitting.counted.items()):
        for _ in range(count):
            given = transaction.next_serial(name)
        assert given == fitting.serials[name]
    dirty = drafts.dirty()
    changes = []
    owners = {draft.id: owner_and_team(drafts, draft) for draft in dirty}
    both = {draft.id: draft for draft in (*dirty, *settling.loads.values())}
    held = {id: _held(drafts, draft) for id, draft in both.items()}
    for draft in sorted((d for d in dirty if not d.is_new), key=lambda d: d.id):
        _free(drafts, draft)  # first all that becomes free, so that values may change places
    for draft in dirty:
        change = _record(drafts, draft, owners[draft.id], actor, cause)
        if change is not None:
            changes.append(change)
        _keys(drafts, draft, held[draft.id])
        _hold(drafts, draft)
    done = {draft.id for draft in dirty}
    for draft in sorted(settling.loads.values(), key=lambda d: d.id):
        if draft.id not in done:
            _owner_moved(drafts, draft)
            _keys(drafts, draft, held[draft.id])
    return changes


def _record(
    drafts: Drafts, draft: Draft, owner: tuple[str | None, str | None], actor: str | None, cause: str | None
) -> RecordChange | None:
    now = drafts.now_us
    changes = {name: (draft.before.get(name), draft.plain.get(name)) for name in draft.written}
    before = draft.row
    data = msgspec.json.encode(draft.plain).decode()
    if before is None:
        row = RecordRow(draft.id, draft.form, 1, data, *owner, draft.merged_into, now, now)
    elif not draft.is_dirty:
        row = before._replace(version=before.version + 1, owner=owner[0], team=owner[1])
    else:
        row = before._replace(
            version=before.version + 1,
            data=data,
            owner=owner[0],
            team=owner[1],
            merged_into=draft.merged_into,
            changed_at=now,
        )
    drafts.cache.put(before, row)
    merged = draft.merged_into if before is None or draft.merged_into != before.merged_into else None
    if before is not None and not changes and merged is None:
        return None  # only looked at: the version rose, nothing to tell
    noted: dict[str, Any] = dict(changes)
    if merged is not None:
        noted["~merged_into"] = (None, merged)
    text = msgspec.json.encode(noted).decode()
    drafts.cache.put_version(RecordVersionRow(draft.id, row.version, now, actor, cause, text))
    return RecordChange(draft.form, draft.id, before is None, row.version, changes, merged)


def _owner_moved(drafts: Drafts, draft: Draft) -> None:
    owner, team = owner_and_team(drafts, draft)
    if draft.row is not None and (draft.row.owner, draft.row.team) != (owner, team):
        drafts.cache.put(draft.row, draft.row._replace(owner=owner, team=team))


def _keys(drafts: Drafts, draft: Draft, holder: str | None) -> None:
    """The key rows of a record, and the load that the one of its holder stands for."""
    cache, now = drafts.cache, drafts.now_us
    before = None if draft.is_new else _holder_in(cache.keys_of(draft.id))
    keys = set() if draft.merged_into is not None else set(keys_of(drafts.facts, draft.record))
    if holder is not None:
        keys.add((LOAD, holder))
    cache.set_keys(draft.form, draft.id, keys, new=draft.is_new)
    if before != holder:
        if before is not None:
            cache.batch.add_load(before, draft.form, -1, now)
        if holder is not None:
            cache.batch.add_load(holder, draft.form, 1, now)


def keys_of(facts: FormFacts, record: Record) -> Iterator[FieldKey]:
    """The keys under which a record is found."""
    form = facts.forms[record.form]
    for name in facts.keyed.get(record.form, ()):
        key = key_text(record[name], form.fields[name])
        if key is not None:
            yield name, key
    for name in facts.in_pieces.get(record.form, ()):
        for piece in pieces(record[name]):
            yield pieces_field(name), piece


def _unique(drafts: Drafts, record: Record) -> dict[str, str]:
    fields = drafts.facts.forms[record.form].fields
    keys = {str(name): key_text(record[name], field) for name, field in fields.items() if field.unique}
    return {name: key for name, key in keys.items() if key is not None}


def _free(drafts: Drafts, draft: Draft) -> None:
    before = _before(drafts, draft)
    now = {} if draft.merged_into is not None else _unique(drafts, draft.record)
    for rule, key in _unique(drafts, before).items():
        if now.get(rule) != key:
            drafts.cache.free(draft.form, rule, key, draft.id)


def _hold(drafts: Drafts, draft: Draft) -> None:
    if draft.merged_into is None:
        for rule, key in _unique(drafts, draft.record).items():
            drafts.cache.hold(draft.form, rule, key, draft.id)


def _before(drafts: Drafts, draft: Draft) -> Record:
    """A record's unique values as they were before the step."""
    types, fields = drafts.facts.types.form(draft.form), drafts.facts.forms[draft.form].fields
    unique = {str(name) for name, field in fields.items() if field.unique}
    values = {name: from_plain(draft.before.get(name), types[name], drafts.resolve) for name in unique}
    return Record(draft.form, draft.id, values)


# -- who holds it


def owner_of(drafts: Drafts, record: Record) -> Person | None:
    """Whose record it is, by the form's `owned_by`; of several persons the first."""
    owned_by = drafts.facts.forms[record.form].owned_by
    found = None if owned_by is None else owned_by.run(InForm(record, drafts.context))
    if isinstance(found, tuple | list):
        found = next((one for one in found if isinstance(one, Person)), None)
    return found if isinstance(found, Person) else None


def owner_and_team(drafts: Drafts, draft: Draft) -> tuple[str | None, str | None]:
    owner = owner_of(drafts, draft.record)
    return (None, None) if owner is None else (owner.id, owner["team"])


def _held(drafts: Drafts, draft: Draft) -> str | None:
    """Who holds the record now, if it is open and was not given up."""
    form = drafts.facts.forms[draft.form]
    if draft.merged_into is not None or form.owned_by is None:
        return None
    if form.open_if is not None and not form.open_if.holds(InForm(draft.record, drafts.context)):
        return None
    owner = owner_of(drafts, draft.record)
    return None if owner is None else owner.id


def load_changes(drafts: Drafts, touched: Iterable[Draft], form: str) -> dict[str, int]:
    """What the step, not saved yet, changes in the loads of a form: member -> n."""
    found: dict[str, int] = {}
    for draft in touched:
        if draft.form == form:
            before = None if draft.is_new else _holder_in(drafts.cache.keys_of(draft.id))
            now = _held(drafts, draft)
            if before != now:
                for member, n in ((before, -1), (now, 1)):
                    if member is not None:
                        found[member] = found.get(member, 0) + n
    return found


def _holder_in(keys: Iterable[FieldKey]) -> str | None:
    return next((key for field, key in keys if field == LOAD), None)


def rekey(drafts: Drafts, ids: Iterable[int]) -> tuple[int, ...]:
    """The key rows of stored records as this pack wants them (R9); the records with a unique value of another's."""
    clashes = []
    for id in ids:
        row = drafts.cache.row(id)
        draft = None if row is None else drafts.draft(row.form, id)
        if draft is None:
            continue
        _owner_moved(drafts, draft)
        _keys(drafts, draft, _held(drafts, draft))
        for rule, key in _unique(drafts, draft.record).items() if draft.merged_into is None else ():
            if drafts.cache.holder(draft.form, rule, key) in (FREE, id):
                drafts.cache.hold(draft.form, rule, key, id)
            else:
                clashes.append(id)
    return tuple(clashes)
