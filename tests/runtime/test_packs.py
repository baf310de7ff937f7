"""Deployments: what is in force, what a running case keeps, what must be keyed anew."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.language.kinds.decision import Decision
from engine.language.kinds.form import Form
from engine.language.kinds.workflow import Workflow
from engine.nodes import catalogue
from engine.runtime.closures import closure_hash, members
from engine.runtime.packs import Deployment, PackCache, Unloadable
from engine.runtime.store.queries.definitions import deployment_log
from engine.runtime.store.store import Store
from engine.runtime.view import SqlView
from tests.runtime.shop import NOW, shop, texts

CARE, TERMS, LEAD, PACK = "workflows/care.yaml", "decisions/terms.yaml", "forms/lead.yaml", "pack.yaml"


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    return open_store("sqlite://")


@pytest.fixture
def packs() -> PackCache:
    return PackCache(catalogue())


def deploy(store: Store, packs: PackCache, **changed: tuple[str, str]) -> Deployment:
    """Deploys the shop with (old, new) texts put into the files that the names stand for."""
    all_texts = texts()
    for name, (old, new) in changed.items():
        path = {"care": CARE, "terms": TERMS, "lead": LEAD, "pack": PACK}[name]
        assert old in all_texts[path]
        all_texts[path] = all_texts[path].replace(old, new)
    with store.write() as transaction:
        deployed = packs.deploy(transaction, all_texts, "bo")
    packs.look_again()
    return deployed


def care(store: Store, packs: PackCache) -> int:
    with store.read() as reader:
        id = packs.definition_id(reader, "care")
        assert id is not None
        return id


def days(store: Store, packs: PackCache, id: int) -> str:
    """What the decision that this workflow runs on says first."""
    with store.read() as reader:
        decision = packs.pack_for(reader, id).pack.get(Decision, "terms")
        assert decision is not None
        return str(packs.pack_for(reader, id).pack.sources[decision.path].text)


def test_before_the_first_deployment_nothing_is_in_force(store: Store, packs: PackCache) -> None:
    with store.read() as reader:
        assert packs.live(reader).pack.definitions == {}
        assert packs.definition_id(reader, "care") is None
        with pytest.raises(LookupError):
            packs.pack_for(reader, 7)


def test_a_deployment_puts_the_pack_in_force(store: Store, packs: PackCache) -> None:
    deployed = deploy(store, packs)
    assert ("workflow", "care") in deployed.added
    assert (deployed.changed, deployed.removed, deployed.rekey) == ((), (), ())
    with store.read() as reader:
        live = packs.live(reader)
        assert live.pack.definitions.keys() == shop()[0].definitions.keys()
        loaded = packs.pack_for(reader, care(store, packs))
        assert loaded.pack is live.pack
        assert loaded.compiled.name == "care"
        with pytest.raises(LookupError):
            _ = live.compiled
        assert [row.actor for row in deployment_log(reader)] == ["bo"]


def test_the_same_texts_keep_their_ids(store: Store, packs: PackCache) -> None:
    deploy(store, packs)
    before = care(store, packs)
    again = deploy(store, packs)
    assert (again.added, again.changed, again.removed) == ((), (), ())
    assert care(store, packs) == before


def test_a_running_case_keeps_its_decision_and_reads_live_forms(store: Store, packs: PackCache) -> None:
    deploy(store, packs)
    old = care(store, packs)
    changed = deploy(store, packs, terms=("days: 30", "days: 45"), lead=("title: 备注", "title: 说明"))
    assert changed.changed == (("decision", "terms"), ("form", "lead"), ("workflow", "care"))
    new = care(store, packs)
    assert new != old
    assert "days: 30" in days(store, packs, old)
    assert "days: 45" in days(store, packs, new)
    with store.read() as reader:
        form = packs.pack_for(reader, old).pack.get(Form, "lead")
        assert form is not None
        assert form.fields["note"].title == "说明"


def test_another_process_sees_a_deployment_within_a_second(store: Store, packs: PackCache) -> None:
    now = [0.0]
    other = PackCache(catalogue(), clock=lambda: now[0])
    deploy(store, packs)
    first = care(store, other)
    deploy(store, packs, care=("amount: 10", "amount: 20"))
    assert care(store, other) == first
    now[0] = 1.0
    assert care(store, other) == care(store, packs) != first


def test_what_is_missing_is_no_longer_in_force(store: Store, packs: PackCache) -> None:
    deploy(store, packs)
    id = care(store, packs)
    less = {path: text for path, text in texts().items() if path != CARE}
    with store.write() as transaction:
        assert packs.deploy(transaction, less, None).removed == (("workflow", "care"),)
    packs.look_again()
    with store.read() as reader:
        assert packs.definition_id(reader, "care") is None
        assert packs.live(reader).pack.get(Workflow, "care") is None
        assert packs.pack_for(reader, id).compiled.name == "care"


def test_a_broken_text_is_not_deployed(store: Store, packs: PackCache) -> None:
    with pytest.raises(Unloadable) as broken:
        deploy(store, packs, care=("next: terms", "nxt: terms"))
    assert broken.value.diagnostics[0].span.path == CARE
    assert care_or_none(store, packs) is None


def care_or_none(store: Store, packs: PackCache) -> int | None:
    with store.read() as reader:
        return packs.definition_id(reader, "care")


def test_the_closure_is_what_the_workflow_names() -> None:
    pack, _ = shop()
    workflow = pack.get(Workflow, "care")
    assert workflow is not None
    assert members(workflow, pack) == (("decision", "terms"),)
    assert len(closure_hash(workflow, pack)) == 64


def test_records_are_keyed_anew_when_a_form_says_so(store: Store, packs: PackCache) -> None:
    first = deploy(store, packs)
    with store.write() as transaction:
        view = SqlView(transaction, first.loaded.pack, first.loaded.types, NOW, ids=transaction.ids, actor=None)
        ids = [
            view.create("lead", {"company": f"大河{n}", "email": "a@example.com", "note": note}).id
            for n, note in enumerate("abb")
        ]
        view.save()
    second = deploy(store, packs, lead=("title: 备注, type: text", "title: 备注, type: text, unique: yes"))
    assert second.rekey == ("lead",)
    with store.write() as transaction:
        view = SqlView(transaction, second.loaded.pack, second.loaded.types, NOW, ids=transaction.ids, actor=None)
        assert view.by_unique("lead", "note", "a") is None
        last, clashes = view.rekey("lead", limit=2)
        assert (last, clashes) == (ids[1], ())
        assert last is not None
        assert view.rekey("lead", last, limit=2) == (None, (ids[2],))
    with store.write() as transaction:
        view = SqlView(transaction, second.loaded.pack, second.loaded.types, NOW, ids=transaction.ids, actor=None)
        found = view.by_unique("lead", "note", "a")
        assert found is not None
        assert found.id == ids[0]
