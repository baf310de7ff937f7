"""The manual pages of the codes, manual/CODE.md: what is wrong, why it matters, a wrong and a right definition.

A page is a heading with the code, one sentence in English and one in Chinese, `## Why`, `## 为什么`, and under `## Bad`
and `## Good` one fenced block each: a whole definition file. A test checks both blocks inside the small pack of fixtures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Any

from engine.language import messages
from engine.language.diagnostics import CODES, FAMILIES, Severity

SECTIONS = ("Why", "为什么", "Bad", "Good")
FAMILY_TITLES: Mapping[str, tuple[str, str]] = {
    "syntax": ("Text and shape", "文本与结构"),
    "reference": ("Names and arrows", "名称与箭头"),
    "type": ("Types and expressions", "类型与表达式"),
    "flow": ("Flow", "流程"),
    "conditions": ("Conditions", "条件"),
    "time": ("Time", "时间"),
    "dataflow": ("Data", "数据流"),
    "people": ("People", "人员"),
    "decisions": ("Decisions", "决策表"),
    "scoring": ("Scoring", "评分"),
    "forms": ("Forms", "表单"),
    "security": ("Security", "安全"),
    "style": ("Reading", "可读性"),
    "texts": ("Scenarios and texts", "场景与文本"),
    "live": ("Running cases", "运行中的案例"),
}
_HEAD = re.compile(r"# (?P<code>[a-z-]+)\n+(?P<en>[^\n]+)\n(?P<zh>[^\n]+)\n+(?=## )")
_BLOCK = re.compile(r"```yaml\n(.*?)```\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class Page:
    """One code's page; `bad` and `good` are the texts of whole definition files."""

    code: str
    title: tuple[str, str]
    why: tuple[str, str]
    bad: str
    good: str

    @property
    def family(self) -> str:
        return FAMILIES[self.code]

    @property
    def severity(self) -> Severity:
        return CODES[self.code]

    def plain(self) -> dict[str, Any]:
        """The page as JSON data: the same for `remit explain --list --json`, SARIF and the editor."""
        return {
            "code": self.code,
            "family": self.family,
            "severity": str(self.severity),
            "title": self.title[0],
            "title_zh": self.title[1],
            "why": self.why[0],
            "why_zh": self.why[1],
            "bad": self.bad,
            "good": self.good,
        }


def codes() -> Mapping[str, Severity]:
    """Every code there is. A code is declared when its module is imported, so all of them are."""
    for module in iter_modules(messages.__path__):
        import_module(f"{messages.__name__}.{module.name}")
    return CODES


@cache
def pages() -> Mapping[str, Page]:
    """Code -> its page, in the order of the codes. Raises ValueError for a page that has another shape."""
    known = codes()
    folder = files("engine.checks") / "manual"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".md"))
    found = (read(name.removesuffix(".md"), (folder / name).read_text("utf-8")) for name in names)
    return {page.code: page for page in found if page.code in known}


def read(code: str, text: str) -> Page:
    """The page of `code` as it is written. Raises ValueError when it has another shape."""
    head = _HEAD.match(text)
    if head is None or head["code"] != code:
        raise ValueError(f"{code}.md begins with '# {code}', a sentence in English, a sentence in Chinese")
    parts = dict(_sections(text[head.end() :]))
    if tuple(parts) != SECTIONS:
        raise ValueError(f"{code}.md has the sections {', '.join(parts)}; wanted are {', '.join(SECTIONS)}")
    blocks = [_BLOCK.search(parts[name]) for name in ("Bad", "Good")]
    if None in blocks or not parts["Why"] or not parts["为什么"]:
        raise ValueError(f"{code}.md: Bad and Good end with one ```yaml block, the others have words")
    bad, good = (block[1] for block in blocks if block is not None)
    return Page(code, (head["en"], head["zh"]), (parts["Why"], parts["为什么"]), bad, good)


def _sections(text: str) -> Iterator[tuple[str, str]]:
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        name, _, body = part.partition("\n")
        yield name.strip(), body.strip()


# ---- docs/findings.md

HEAD = """# Findings · 检查发现

Everything that `remit check` can say, by family. Generated from `engine/checks/manual/`; a test holds it current, and
`pytest --accept tests/check/test_pages.py` writes it anew. `remit explain CODE` shows one of them.

An error or a warning blocks a deployment (exit 1), a note does not. A line is excused from one code by a comment on it
or above it: `# check: ignore[code] reason`, from several by `ignore[one, other]`. An excuse without a reason, or that
excuses nothing, is itself a finding.
"""


def findings_manual() -> str:
    """The whole of docs/findings.md."""
    by_family: dict[str, list[Page]] = {}
    for page in pages().values():
        by_family.setdefault(page.family, []).append(page)
    lines = [HEAD]
    for family in (*FAMILY_TITLES, *sorted(by_family.keys() - FAMILY_TITLES.keys())):
        if family not in by_family:
            continue
        lines.append(f"## {' · '.join(FAMILY_TITLES.get(family, (family,)))}\n")
        for page in by_family[family]:
            lines += [
                f"### {page.code}\n",
                f"*{page.severity}.* {page.title[0]}\n\n{page.title[1]}\n",
                f"{page.why[0]}\n\n{page.why[1]}\n",
                f"Wrong · 错误：\n\n```yaml\n{page.bad}```\n\nRight · 正确：\n\n```yaml\n{page.good}```\n",
            ]
    return "\n".join(lines)
