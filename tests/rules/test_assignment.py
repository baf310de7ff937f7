"""Assignment: the words of pick, caps, absences; that turns are fair and nobody gets more than their cap."""

import datetime as dt
from collections import Counter
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.language.expressions.parse import Expression, parse
from engine.language.expressions.things import Person
from engine.rules.assignment import Assignment, Pick, choose, who_acts


def expression(text: str) -> Expression:
    read = parse(text)
    assert isinstance(read, Expression)
    return read


def person(id: str, **fields: Any) -> Person:
    return Person(id, {"name": id, **fields})


A = person("a", cap=3, rate=5, regions=("east",))
B = person("b", cap=3, rate=7, regions=("east", "south"))
C = person("c", cap=3, rate=7, regions=("south",))
D = person("d", cap=3, rate=None, regions=("east",))
TEAM = [A, B, C, D]
LOADS = {"a": 0, "b": 2, "c": 1, "d": 3}
LEAD = {"lead": {"region": "east"}}
LEAST, TURN, RANDOM = Pick("least_loaded"), Pick("in_turn"), Pick("random")
HIGHEST, LOWEST = Pick("highest", expression("person.rate")), Pick("lowest", expression("person.rate"))


def pick(*picks: Pick, **more: Any) -> str | None:
    rule = Assignment(picks, more.pop("where", None), more.pop("cap", None))
    chosen = choose(rule, TEAM, LEAD, held=lambda p: LOADS[p.id], **more).chosen
    return chosen.id if chosen else None


def test_words_of_pick() -> None:
    assert pick(LEAST) == "a"
    assert pick(HIGHEST) == "b"
    assert pick(HIGHEST, LEAST) == "c"
    assert pick(LOWEST) == "a"
    assert pick(TURN) == "a"
    assert pick(TURN, cursor=0) == "b"
    assert pick(TURN, cursor=3) == "a"
    assert pick(HIGHEST, TURN, cursor=1) == "c"
    assert pick() == "a"


def test_empty_stands_last_both_ways() -> None:
    rule = Assignment((LOWEST,))
    order = [c.person for c in choose(rule, TEAM, LEAD, held=lambda p: 0).best]
    assert order[-1] == "d"


def test_chance_depends_on_the_seed_alone() -> None:
    found = [pick(RANDOM, seed=str(n)) for n in range(200)]
    assert found == [pick(RANDOM, seed=str(n)) for n in range(200)]
    assert all(30 < count < 70 for count in Counter(found).values())


def test_why() -> None:
    rule = Assignment((HIGHEST, LEAST), expression("contains(person.regions, lead.region)"), expression("person.cap"))
    found = choose(rule, TEAM, LEAD, held=lambda p: LOADS[p.id], available=lambda p: p.id != "a")
    assert found.chosen == B
    assert (found.candidates, found.away, found.not_fitting, found.at_cap) == (4, 1, 1, 1)
    assert [(c.person, c.held, c.seen) for c in found.best] == [("b", 2, (7, 2))]


def test_nobody() -> None:
    assert pick(LEAST, where=expression("person.rate > 9")) is None
    assert pick(LEAST, cap=expression("person.no_such_attribute")) is None
    found = choose(Assignment((TURN,)), [], {}, held=lambda p: 0, cursor=2)
    assert (found.chosen, found.cursor) == (None, 2)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 7), st.integers(1, 40), st.integers(-1, 6))
def test_turns_are_fair(people: int, times: int, cursor: int) -> None:
    team = [person(str(i)) for i in range(people)]
    got: Counter[str] = Counter()
    for _ in range(times):
        found = choose(Assignment((TURN,)), team, {}, held=lambda p: 0, cursor=cursor)
        assert found.chosen is not None
        got[found.chosen.id] += 1
        cursor = found.cursor
    counts = [got[p.id] for p in team]
    assert max(counts) - min(counts) <= 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=1, max_size=5), st.integers(0, 30),
    st.lists(st.sampled_from([LEAST, TURN, RANDOM]), max_size=3),
)  # fmt: skip
def test_no_cap_is_exceeded(caps: list[int], leads: int, picks: list[Pick]) -> None:
    team = [person(str(i), cap=cap) for i, cap in enumerate(caps)]
    held: Counter[str] = Counter()
    cursor, unowned = -1, 0
    rule = Assignment(tuple(picks), cap=expression("person.cap"))
    for n in range(leads):
        found = choose(rule, team, {}, held=lambda p: held[p.id], cursor=cursor, seed=str(n))
        cursor = found.cursor
        if found.chosen is None:
            unowned += 1
        else:
            held[found.chosen.id] += 1
    assert all(held[p.id] <= p["cap"] for p in team)
    assert unowned == max(0, leads - sum(caps))


def away(who: str, substitute: str | None, mode: str = "substitute_decides") -> Any:
    days = {"from_": dt.date(2026, 4, 6), "to": dt.date(2026, 4, 10)}
    return SimpleNamespace(person=who, substitute=substitute, mode=mode, **days)


def test_who_acts_for_whom() -> None:
    day, after = dt.date(2026, 4, 10), dt.date(2026, 4, 11)
    assert who_acts("a", day, [away("a", "b")]) == ("b",)
    assert who_acts("a", after, [away("a", "b")]) == ("a",)
    assert who_acts("a", day, [away("a", "b", "both_decide")]) == ("a", "b")
    assert who_acts("a", day, [away("a", "b", "person_decides")]) == ("a",)
    assert who_acts("a", day, [away("a", "b"), away("b", "c")]) == ("c",)
    assert who_acts("a", day, [away("a", "b"), away("b", "a")]) == ()
    assert who_acts("a", day, [away("a", None)]) == ()
