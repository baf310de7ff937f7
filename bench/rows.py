"""The rows of DESIGN section 7: who runs what, how much of it, and what is to be reached.

(A little long: it is a list, one entry a row.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Size:
    """How much is done: in a default run and in a quick one."""

    normal: int
    quick: int


@dataclass(frozen=True)
class Contender:
    """A function of a file under contenders/. `needs`: the peer's distribution; without it, it runs in our environment."""

    name: str
    file: str
    function: str
    options: dict[str, Any] = field(default_factory=dict)
    needs: str | None = None
    postgres: bool = False


@dataclass(frozen=True)
class Goal:
    """`times`: so many times the value of the contender `of`; else `limit` itself. What is less where less is better."""

    text: str
    limit: float = 0.0
    of: str | None = None
    times: float = 1.0


@dataclass(frozen=True)
class Row:
    """`more`: whether a greater value is the better one. `between`: what was tried, and what stands before the goal."""

    key: str
    title: str
    unit: str
    contenders: tuple[Contender, ...]
    goals: tuple[Goal, ...]
    more: bool = True
    between: str = ""


REMIT = "remit"
SPIFF, DBOS, ZEN, SIMPLE = "SpiffWorkflow", "DBOS", "zen-engine", "simpleeval"
ALONE, FIVE = "SpiffWorkflow + a SQLite row, one caller", "DBOS, five steps, SQLite"
CASES = Size(400, 60)


def _one_at_a_time(synchronous: str, times: int, between: str) -> Row:
    options = {"synchronous": synchronous, "count": CASES}
    return Row(
        f"case_{synchronous.lower()}",
        f"A durable case, one at a time, SQLite {synchronous}: start, score, gateway, human task, complete, end",
        "cases/s",
        (
            Contender(REMIT, "remit_cases", "durable", options),
            Contender(f"{SPIFF} + a SQLite row", "spiff_cases", "durable", options, needs="SpiffWorkflow"),
            Contender("the same statements, plain sqlite3", "raw_sqlite", "durable", options),
        ),
        (Goal(f"{times} x {SPIFF}", of=f"{SPIFF} + a SQLite row", times=times),),
        between=between,
    )


ROWS: tuple[Row, ...] = (
    _one_at_a_time(
        "FULL",
        3,
        "Each case is two commits, so the disk decides: compare with the plain statements. "
        "SpiffWorkflow's row is one table without history, inbox, record or look-up keys; ours writes all of them. The goal "
        "was set where the plain statements were six times SpiffWorkflow; where they are three times it, nothing that writes "
        "these rows reaches it.",
    ),
    _one_at_a_time(
        "NORMAL",
        6,
        "Here the processor decides. What is left is spread: no function of ours has more than 5 % of the time. "
        "Next would be to keep the case and its record in the writer between two events while it is the only writer.",
    ),
    Row(
        "case_load",
        "The same, 16 callers, SQLite FULL: events that wait together share a commit",
        "cases/s",
        (
            Contender(REMIT, "remit_cases", "durable", {"synchronous": "FULL", "count": CASES, "callers": 16}),
            Contender(
                FIVE,
                "dbos_cases",
                "durable",
                {"count": Size(96, 48), "callers": 16},
                needs="dbos",
            ),
            Contender(
                ALONE,
                "spiff_cases",
                "durable",
                {"synchronous": "FULL", "count": CASES},
                needs="SpiffWorkflow",
            ),
        ),
        (
            Goal(f"20 x {DBOS}", of=FIVE, times=20),
            Goal(f"10 x {SPIFF}", of=ALONE, times=10),
        ),
        between="The writer is one Python thread and the 16 callers share the interpreter lock with it. Sharing commits takes "
        "the disk out of it; what remains is the processor, as in the row before.",
    ),
    Row(
        "case_postgres",
        "The same on PostgreSQL, 4 callers",
        "cases/s",
        (
            Contender(
                REMIT,
                "remit_cases",
                "durable",
                {"synchronous": "FULL", "count": Size(300, 40), "callers": 4},
                postgres=True,
            ),
            Contender(
                f"{DBOS}, five steps",
                "dbos_cases",
                "durable",
                {"count": Size(96, 40), "callers": 4},
                needs="dbos",
                postgres=True,
            ),
            Contender(
                "commits of one row, psycopg",
                "raw_postgres",
                "commits",
                {"count": Size(2000, 300), "callers": 4},
                postgres=True,
            ),
        ),
        (Goal("half the commits of one row", of="commits of one row, psycopg", times=0.5),),
        between="A case is two commits and about 25 statements; the writes of a commit travel in one pipeline, the reads "
        "before them one by one.",
    ),
    Row(
        "import",
        "Import of leads with the shipped definitions: each deduplicated, scored, assigned, its task opened; SQLite FULL",
        "leads/s",
        (Contender(REMIT, "remit_cases", "imported", {"count": Size(1200, 300)}),),
        (Goal("1,000 leads/s", limit=1000),),
        between="A lead of the shipped definitions is a record with its keys and look-up pieces, often a second case in the pool "
        "or in nurture, and a welcome that is sent in a commit of its own. No single place holds the time any more.",
    ),
    Row(
        "expression",
        "One expression of three conditions, on a record with 5 fields",
        "us",
        (
            Contender(REMIT, "remit_rules", "expression", {"width": 5}),
            Contender(ZEN, "zen_rules", "expression", {"width": 5}, needs="zen-engine"),
            Contender(f"{SIMPLE}, parsed once", "simpleeval_rules", "expression", {"width": 5}, needs="simpleeval"),
            Contender("a plain lambda", "plain_python", "expression", {"width": 5}),
        ),
        (Goal("under 1 us", limit=1.0),),
        more=False,
    ),
    Row(
        "expression_wide",
        "The same expression on a record with 45 fields",
        "us",
        (
            Contender(REMIT, "remit_rules", "expression", {"width": 45}),
            Contender(ZEN, "zen_rules", "expression", {"width": 45}, needs="zen-engine"),
            Contender(f"{SIMPLE}, parsed once", "simpleeval_rules", "expression", {"width": 45}, needs="simpleeval"),
            Contender("a plain lambda", "plain_python", "expression", {"width": 45}),
        ),
        (Goal("under 1 us", limit=1.0),),
        more=False,
    ),
    Row(
        "scoring",
        "20 scoring rules of 3 conditions, with the list of rules that fired",
        "leads/s",
        (
            Contender(REMIT, "remit_rules", "scoring"),
            Contender(f"{ZEN}, one expression", "zen_rules", "scoring", needs="zen-engine"),
            Contender(f"{ZEN}, decision table", "zen_rules", "scoring_table", needs="zen-engine"),
            Contender(SIMPLE, "simpleeval_rules", "scoring", needs="simpleeval"),
            Contender("one hand-written function", "plain_python", "scoring"),
        ),
        (Goal("300,000 leads/s", limit=300_000),),
        between="Ours also caps the part, totals it and finds the grade; the hand-written function only lists the rules.",
    ),
    Row(
        "timers",
        "Timers that are due, each moving its case to its end; SQLite FULL",
        "timers/s",
        (
            Contender(REMIT, "remit_cases", "timers", {"count": Size(2000, 300)}),
            Contender(
                "APScheduler's job store, no-ops",
                "apscheduler_timers",
                "timers",
                {"count": Size(150, 60)},
                needs="APScheduler",
            ),
        ),
        (Goal("5 x APScheduler", of="APScheduler's job store, no-ops", times=5),),
    ),
    Row(
        "waiting",
        "A case that waits for a person: its stored state",
        "bytes",
        (
            Contender(REMIT, "remit_cases", "waiting_bytes", {"count": Size(1000, 200)}),
            Contender(SPIFF, "spiff_cases", "waiting_bytes", {"count": Size(100, 30)}, needs="SpiffWorkflow"),
        ),
        (Goal("under 1 KiB", limit=1024),),
        more=False,
        between="The state alone; nothing of it in memory. With history, task, record version and indexes the file grows "
        "more: see the last column.",
    ),
    Row(
        "latency",
        "A step with {waiting} waiting cases over one with 1,000; SQLite NORMAL",
        "times",
        (
            Contender(
                REMIT,
                "remit_cases",
                "latency",
                {"few": Size(1000, 200), "many": Size(20_000, 1000), "count": Size(300, 60)},
            ),
        ),
        (Goal("at most 1.2", limit=1.2),),
        more=False,
        between="`bench/run.py --waiting 1000000` measures the figure of DESIGN; the cases are real ones, so filling takes half an hour.",
    ),
    Row(
        "check_one",
        "Check of one workflow more",
        "ms",
        (Contender(REMIT, "remit_rules", "check_one", {"rounds": Size(9, 3)}),),
        (Goal("median 1 ms", limit=1.0),),
        more=False,
        between="The difference of a pack with 41 workflows and scorings and one with 1, by 40: workflow and scoring together.",
    ),
    Row(
        "check_many",
        "200 definitions from text to findings",
        "s",
        (Contender(REMIT, "remit_rules", "check_many"),),
        (Goal("within 2 s", limit=2.0),),
        more=False,
        between="Small definitions, copies of two; the shipped ones are larger.",
    ),
    Row(
        "check_table",
        "One decision table of 1,500 rules x 7 columns with one gap: proved",
        "s",
        (Contender(REMIT, "remit_rules", "check_table", {"rows": 1500, "columns": 7, "rounds": Size(3, 1)}),),
        (Goal("within 1 s", limit=1.0),),
        more=False,
        between="Half of it is reading the cells. Rows that meet each other by the hundred may end as not-decided.",
    ),
    Row(
        "check_shipped",
        "The shipped definitions from text to findings, by definition",
        "ms",
        (Contender(REMIT, "remit_rules", "check_shipped", {"rounds": Size(3, 1)}),),
        (Goal("10 ms, which is 200 in 2 s", limit=10.0),),
        more=False,
        between="Mostly reading YAML with places.",
    ),
    *(
        Row(
            f"proof_{figure}",
            f"Flow proof of a workflow alone, {figure}: the models of two public suites and 600 random ones",
            "ms",
            (Contender(REMIT, "remit_proof", "models", {"figure": figure, "random": Size(600, 100)}),),
            (Goal(f"{limit:g} ms", limit=limit),),
            more=False,
            between="Where the suites are not, the random ones alone.",
        )
        for figure, limit in (("median", 1.0), ("p99", 20.0), ("worst", 500.0))
    ),
    Row(
        "proof_nested",
        "Flow proof of workflows of 30 to 60 steps in blocks three and four levels deep, half of them with a fault: the worst",
        "ms",
        (Contender(REMIT, "remit_proof", "nested", {"workflows": Size(200, 40)}),),
        (Goal("500 ms", limit=500.0),),
        more=False,
        between="The slow ones are at fault: they are searched again as they were written, for the shortest path.",
    ),
    *(
        Row(
            f"proof_{branches}x{steps}",
            f"Flow proof of a parallel block of {branches} branches of {steps} task{'s' if steps > 1 else ''}",
            "ms",
            (Contender(REMIT, "remit_proof", "parallel", {"branches": branches, "steps": steps}),),
            (Goal("50 ms", limit=50.0),),
            more=False,
        )
        for branches, steps in ((20, 1), (17, 5))
    ),
    Row(
        "proof_long",
        "Flow proof of 700 steps in a row with 233 loops: about as many as a file may hold",
        "s",
        (Contender(REMIT, "remit_proof", "long", {"nodes": Size(700, 700)}),),
        (Goal("1 s", limit=1.0),),
        more=False,
    ),
    Row(
        "check_project",
        "200 definitions, half of them workflows, the others forms with rules and decisions of 23 rows: from text to findings",
        "s",
        (Contender(REMIT, "remit_proof", "project", {"definitions": Size(200, 40)}),),
        (Goal("within 2 s", limit=2.0),),
        more=False,
    ),
)
