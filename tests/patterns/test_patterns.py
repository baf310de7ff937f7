"""The 43 control-flow and 10 time patterns: every scenario passes, but for those whose construct is not built yet.

EXPECTED is strict: a test of it that passes fails here too, so the list can only shrink.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.folder import read_folder
from engine.language.kinds.scenarios import Scenarios
from engine.language.kinds.workflow import Workflow
from engine.language.loader import load
from engine.nodes import catalogue
from engine.play.testing import run_pack

FOLDER = Path(__file__).parent
PACK = load(read_folder(FOLDER)[0], catalogue())
NAMES = sorted(PACK.kind(Scenarios))

MORE_ON = "more_on: adding a copy while the node runs is a later issue"
MUTEX = "mutex is a later issue: beginning one does not lock the others yet"
REPEAT = "repeat is a later issue: the node runs once"
AVAILABLE = "available is a later issue: the step can always be begun and done"
EXPECTED: dict[str, dict[str, str]] = {
    "wcp15_instances_not_known_beforehand": {"a_copy_is_added_while_others_run": MORE_ON},
    "wcp17_interleaved_parallel_routing": {"never_two_at_once_and_each_path_in_order": MUTEX},
    "wcp18_milestone": {"after_shipping_it_is_too_late": AVAILABLE},
    "wcp21_structured_loop": {"until_somebody_was_reached": REPEAT, "five_rounds_at_most": REPEAT},
    "wcp36_dynamic_partial_join_for_instances": {"more_copies_raise_what_is_enough": MORE_ON},
    "wcp39_critical_section": {"the_books_stay_open_while_money_moves": MUTEX},
    "wcp40_interleaved_routing": {"one_at_a_time_in_any_order": MUTEX},
    "tp01_time_lags_between_activities": {"not_sooner_than_three_days_after": AVAILABLE},
    "tp04_fixed_date": {"not_sooner_than_ten_days_before": AVAILABLE},
    "tp05_schedule_restricted": {"only_in_office_hours": AVAILABLE},
    "tp06_time_based_restrictions": {"the_fourth_letter_in_a_week_waits": AVAILABLE},
    "tp07_validity_period": {
        "not_before_the_year_begins": AVAILABLE,
        "not_after_the_offer_has_ended": AVAILABLE,
    },
    "tp09_cyclic_elements": {"a_reminder_a_week_until_it_is_paid": REPEAT, "eight_at_most": REPEAT},
    "tp10_periodicity": {"every_month_and_a_closed_day_moves_on": REPEAT},
}


def test_every_pattern_has_its_workflow_and_scenarios() -> None:
    """43 and 10, each in a file of its own, and nothing that the loader would complain of."""
    control = [f"wcp{n:02}" for n in range(1, 44)]
    time = [f"tp{n:02}" for n in range(1, 11)]
    assert [name.partition("_")[0] for name in sorted(PACK.kind(Workflow))] == sorted(control + time)
    assert sorted(PACK.kind(Workflow)) == NAMES
    assert not [f"{d.span}: {d.message()}" for d in PACK.diagnostics]
    assert set(EXPECTED) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_pattern(name: str) -> None:
    """Its scenarios pass, and together they walk every node and arrow of it."""
    report = run_pack(PACK, [PACK.kind(Scenarios)[name]])
    assert report.outcomes
    assert {outcome.test for outcome in report.failed} == set(EXPECTED.get(name, ())), "\n".join(report.lines())
    if name not in EXPECTED:
        assert [(*c.unwalked_nodes, *c.unwalked_arrows) for c in report.coverage] == [()]
