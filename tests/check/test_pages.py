"""Every code has a page, four fixtures, a wrong definition that gives it and a right one that is clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.checks.pages import FAMILY_TITLES, codes, findings_manual, pages, read
from tests.check.test_fixtures import AT_LEAST, checked, rendered

HERE = Path(__file__).parent
FINDINGS = HERE.parents[1] / "docs" / "findings.md"
NOT_FROM_ONE_FILE: dict[str, str] = {}
"""Codes that no single file shows, and why: their page has blocks that are not run, and they need no fixtures."""
STILL_MISSING: frozenset[str] = frozenset()
"""Codes whose page or fixtures are being written. It only shrinks."""


def fixtures(code: str) -> int:
    return sum(path.with_suffix(".txt").exists() for path in (HERE / "err" / code).glob("*.yaml"))


def test_every_code_has_a_page_and_fixtures() -> None:
    without = {code for code in codes() if code not in pages() or fixtures(code) < AT_LEAST}
    assert without - NOT_FROM_ONE_FILE.keys() - STILL_MISSING == set()
    assert NOT_FROM_ONE_FILE.keys() & codes().keys() <= pages().keys()


def test_every_page_is_of_a_code() -> None:
    names = {path.stem for path in (HERE.parents[1] / "engine/checks/manual").glob("*.md")}
    assert names == set(pages())
    assert {page.family for page in pages().values()} <= FAMILY_TITLES.keys()


@pytest.mark.parametrize("code", [code for code in pages() if code not in NOT_FROM_ONE_FILE])
def test_the_wrong_definition_gives_the_code(code: str) -> None:
    text, found = rendered(pages()[code].bad)
    assert code in {finding.code for finding in found}, text


@pytest.mark.parametrize("code", [code for code in pages() if code not in NOT_FROM_ONE_FILE])
def test_the_right_definition_is_clean(code: str) -> None:
    found, _ = checked(pages()[code].good)
    assert not found, rendered(pages()[code].good)[0]


def test_the_list_of_findings_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--accept"):
        FINDINGS.write_text(findings_manual(), "utf-8")
    assert FINDINGS.read_text("utf-8") == findings_manual()


PAGE = "# some-code\nOne.\n一。\n\n## Why\nx\n\n## 为什么\ny\n\n## Bad\n```yaml\na\n```\n\n## Good\n```yaml\nb\n```\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [("# some-code", "# other"), ("一。\n", ""), ("## Good", "## Better"), ("```yaml\nb", "b"), ("\nx\n", "\n")],
)
def test_a_page_of_another_shape_is_refused(before: str, after: str) -> None:
    assert read("some-code", PAGE).good == "b\n"
    with pytest.raises(ValueError, match="some-code"):
        read("some-code", PAGE.replace(before, after, 1))
