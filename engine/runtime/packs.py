"""Deployed definitions: what is in force, and the pack that a running case was started on (RUNTIME R30-R32)."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from engine.interpreter.compiled import CompiledWorkflow
from engine.language.diagnostics import Diagnostic
from engine.language.kinds.definition import Definition
from engine.language.kinds.pack import PackDefinition
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load, load_one
from engine.language.pack import Pack
from engine.language.source import Source
from engine.language.vocabulary import PackTypes
from engine.runtime.closures import Key, closure_hash, members, policies, text_hash
from engine.runtime.form_facts import facts_of
from engine.runtime.store.queries.definitions import active_definitions, definition_with_hash, latest_deployment
from engine.runtime.store.reader import Reader
from engine.runtime.store.rows import ActiveRow, DefinitionRow, DeploymentRow
from engine.runtime.store.statements import ACTIVE, DEFINITIONS, DEPLOYMENTS
from engine.runtime.store.transaction import Transaction

MOST_KEPT = 512
LOOK_EVERY = 1.0
"""Seconds after which a process looks whether another one deployed."""


class Unloadable(ValueError):
    """The texts do not load; `diagnostics` say why. Whoever deploys checks first."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__("; ".join(str(one.message()) for one in diagnostics[:5]))
        self.diagnostics = diagnostics


class Stored(msgspec.Struct, omit_defaults=True):
    """What the `text` of a definition row holds. `pins`: 'kind/name' -> definition id, of a workflow's closure."""

    path: str
    text: str
    pins: dict[str, int] = {}


@dataclass(frozen=True)
class LoadedPack:
    """A pack ready to run; `definition_id` and `workflow` when it is that of one workflow's cases."""

    pack: Pack
    types: PackTypes
    deployment: int
    definition_id: int | None = None
    workflow: str | None = None

    @cached_property
    def compiled(self) -> CompiledWorkflow:
        """The workflow that the cases run. LookupError when this is only the pack in force."""
        definition = self.pack.get(Workflow, self.workflow or "")
        if definition is None:
            raise LookupError(f"no workflow {self.workflow!r}")
        return CompiledWorkflow(definition, self.pack, self.types)


@dataclass(frozen=True)
class Deployment:
    """What a deployment changed. `rekey`: forms whose key rows must be written anew (`SqlView.rekey`)."""

    id: int
    added: tuple[Key, ...]
    changed: tuple[Key, ...]
    removed: tuple[Key, ...]
    rekey: tuple[str, ...]
    loaded: LoadedPack

    def plain(self) -> dict[str, list[str]]:
        return {
            name: ["/".join(key) for key in getattr(self, name)]
            for name in ("added", "changed", "removed")
            if getattr(self, name)
        }


class PackCache:
    """The packs of one process. Reads go through the caller's connection; threads may share it.

    `node_types`: the catalogue of engine.nodes.
    """

    def __init__(self, node_types: Mapping[str, type[Any]], *, clock: Callable[[], float] = time.monotonic) -> None:
        self.node_types = node_types
        self._clock = clock
        self._lock = threading.RLock()
        self._looked: float | None = None
        self._deployment = 0
        self._active: dict[Key, int] = {}
        self._live: LoadedPack | None = None
        self._packs: OrderedDict[tuple[int, int], LoadedPack] = OrderedDict()
        self._parsed: OrderedDict[int, tuple[Definition, Source, Stored]] = OrderedDict()

    # -- what is in force

    def live(self, reader: Reader) -> LoadedPack:
        """The pack in force; an empty one before the first deployment."""
        with self._lock:
            self._look(reader)
            if self._live is None:
                self._live = self._load(reader, self._active)
            return self._live

    def definition_id(self, reader: Reader, workflow: str) -> int | None:
        """The definition on which new cases of a workflow start."""
        with self._lock:
            self._look(reader)
            return self._active.get(("workflow", workflow))

    def look_again(self) -> None:
        """After a deployment of this process: the next question reads what is in force."""
        with self._lock:
            self._looked = None

    def _look(self, reader: Reader) -> None:
        now = self._clock()
        if self._looked is not None and now - self._looked < LOOK_EVERY:
            return
        self._looked = now
        latest = latest_deployment(reader)
        if latest != self._deployment:
            self._deployment = latest
            self._active = {(row.kind, row.name): row.definition_id for row in active_definitions(reader)}
            self._live = None

    # -- what a case started on

    def pack_for(self, reader: Reader, definition_id: int) -> LoadedPack:
        """The pack of the cases with this definition: its closure is pinned, the rest is live.

        LookupError for an id that was never deployed.
        """
        with self._lock:
            self._look(reader)
            key = (definition_id, self._deployment)
            found = self._packs.get(key)
            if found is None:
                found = self._packs[key] = self._pinned(reader, definition_id)
                if len(self._packs) > MOST_KEPT:
                    self._packs.popitem(last=False)
            self._packs.move_to_end(key)
            return found

    def _pinned(self, reader: Reader, definition_id: int) -> LoadedPack:
        definition, _, stored = self._parse(reader, definition_id)
        wanted = dict(self._active)
        wanted["workflow", definition.name] = definition_id
        policies_from: int | None = None
        for name, id in stored.pins.items():
            kind, _, own = name.partition("/")
            if kind == "pack":
                policies_from = id
            else:
                wanted[kind, own] = id
        same_policies = policies_from is None or policies_from in self._active.values()
        loaded = (
            self.live(reader) if wanted == self._active and same_policies else self._load(reader, wanted, policies_from)
        )
        return dataclasses.replace(loaded, definition_id=definition_id, workflow=definition.name)

    # -- loading

    def _load(self, reader: Reader, wanted: Mapping[Key, int], policies_from: int | None = None) -> LoadedPack:
        parsed = {key: self._parse(reader, id) for key, id in wanted.items()}
        definitions = {key: definition for key, (definition, _, _) in parsed.items()}
        if policies_from is not None:
            pinned, _, _ = self._parse(reader, policies_from)
            for key, definition in definitions.items():
                if isinstance(definition, PackDefinition) and isinstance(pinned, PackDefinition):
                    definitions[key] = dataclasses.replace(definition, approval_policies=pinned.approval_policies)
        pack = Pack(definitions, {source.path: source for _, source, _ in parsed.values()})
        return LoadedPack(pack, PackTypes(pack), self._deployment)

    def _parse(self, reader: Reader, id: int) -> tuple[Definition, Source, Stored]:
        found = self._parsed.get(id)
        if found is None:
            row = reader.row(DEFINITIONS, id)
            if row is None:
                raise LookupError(f"no definition {id}")
            stored = msgspec.json.decode(row.text, type=Stored)
            source = Source(stored.path, stored.text)
            definition, diagnostics = load_one(source, self.node_types)
            if definition is None:
                raise Unloadable(tuple(diagnostics))
            found = self._parsed[id] = (definition, source, stored)
            if len(self._parsed) > MOST_KEPT * 4:
                self._parsed.popitem(last=False)
        self._parsed.move_to_end(id)
        return found

    # -- deploying

    def deploy(self, transaction: Transaction, texts: Mapping[str, str], actor: str | None) -> Deployment:
        """Puts a whole pack (path -> text) in force; what is not among the texts is no longer. Raises Unloadable.

        Definitions with texts that were deployed before keep their ids. Call `look_again` after the commit.
        """
        pack = load([Source(path, text) for path, text in texts.items()], self.node_types)
        if pack.diagnostics:
            errors = tuple(one for one in pack.diagnostics if one.severity == "error")
            if errors:
                raise Unloadable(errors)
        ids = self._store(transaction, pack)
        before = {(row.kind, row.name): row for row in active_definitions(transaction)}
        for key, row in before.items():
            if key not in ids:
                transaction.batch.remove(ACTIVE, key)
            elif row.definition_id != ids[key]:
                transaction.batch.change(ACTIVE, row, row._replace(definition_id=ids[key]))
        for key in ids.keys() - before.keys():
            transaction.batch.put(ACTIVE, ActiveRow(*key, ids[key]))
        deployment = Deployment(
            transaction.ids.next(),
            tuple(sorted(ids.keys() - before.keys())),
            tuple(sorted(key for key in ids if key in before and before[key].definition_id != ids[key])),
            tuple(sorted(before.keys() - ids.keys())),
            self._to_rekey(transaction, before, pack),
            LoadedPack(pack, PackTypes(pack), 0),
        )
        changes = msgspec.json.encode(deployment.plain()).decode()
        transaction.batch.put(DEPLOYMENTS, DeploymentRow(deployment.id, transaction.now, actor, changes))
        return deployment

    def _store(self, transaction: Transaction, pack: Pack) -> dict[Key, int]:
        """A row for each definition that has none yet; those of workflows name the ids of what is pinned with them."""
        ids: dict[Key, int] = {}
        workflows = [d for d in pack.definitions.values() if isinstance(d, Workflow)]
        for key, definition in pack.definitions.items():
            if not isinstance(definition, Workflow):
                text = pack.sources[definition.path].text
                ids[key] = _row(transaction, text_hash(*key, text), key, Stored(definition.path, text))
        for workflow in workflows:
            pins = {"/".join(key): ids[key] for key in members(workflow, pack)}
            if policies(workflow, pack) and pack.root is not None:
                pins[f"pack/{pack.root.name}"] = ids["pack", pack.root.name]
            stored = Stored(workflow.path, pack.sources[workflow.path].text, pins)
            key = ("workflow", workflow.name)
            ids[key] = _row(transaction, closure_hash(workflow, pack), key, stored)
        return ids

    def _to_rekey(self, reader: Reader, before: Mapping[Key, ActiveRow], pack: Pack) -> tuple[str, ...]:
        """The forms whose records have other key rows with this pack than with the one in force."""
        old = self._load(reader, {key: row.definition_id for key, row in before.items()})
        was, now = facts_of(old.pack, old.types), facts_of(pack, PackTypes(pack))
        return tuple(
            sorted(form for form in now.forms if form in was.forms and was.what_is_kept(form) != now.what_is_kept(form))
        )


def _row(transaction: Transaction, hash: str, key: Key, stored: Stored) -> int:
    there = definition_with_hash(transaction, hash)
    if there is not None:
        return there.id
    row = DefinitionRow(transaction.ids.next(), hash, *key, msgspec.json.encode(stored).decode(), transaction.now)
    transaction.batch.put(DEFINITIONS, row)
    return row.id
