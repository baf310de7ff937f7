"""Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), the form in which code review tools read them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from engine import __version__
from engine.checks.pages import Page, pages
from engine.commands.saying import Language
from engine.language.diagnostics import Diagnostic, Edit
from engine.language.source import Span

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(found: Iterable[Diagnostic], language: Language = "en") -> dict[str, Any]:
    """One run: every code that has a page is a rule; every finding a result, with its edit when it has one."""
    rules = list(pages().values())
    numbers = {page.code: number for number, page in enumerate(rules)}
    seen: Counter[str] = Counter()
    driver = {
        "name": "remit",
        "semanticVersion": __version__,
        "rules": [_rule(page, language) for page in rules],
    }
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "language": {"zh": "zh-CN", "en": "en-US"}[language],
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, numbers, language, seen) for finding in found],
            }
        ],
    }


def _rule(page: Page, language: Language) -> dict[str, Any]:
    zh = int(language == "zh")
    wrong, right = ("错误写法", "正确写法") if zh else ("Wrong", "Right")
    return {
        "id": page.code,
        "name": "".join(word.capitalize() for word in page.code.split("-")),
        "shortDescription": {"text": page.title[zh]},
        "fullDescription": {"text": page.why[zh]},
        "help": {
            "text": f"{page.why[zh]}\n\n{wrong}:\n{page.bad}\n{right}:\n{page.good}",
            "markdown": f"{page.why[zh]}\n\n{wrong}:\n```yaml\n{page.bad}```\n\n{right}:\n```yaml\n{page.good}```\n",
        },
        "defaultConfiguration": {"level": str(page.severity)},
        "properties": {"tags": [page.family]},
    }


def _result(finding: Diagnostic, numbers: dict[str, int], language: Language, seen: Counter[str]) -> dict[str, Any]:
    hint = finding.hint(language)
    name = hashlib.sha256(f"{finding.span.path}\n{finding.code}\n{finding.text.en}".encode()).hexdigest()[:32]
    seen[name] += 1
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": str(finding.severity),
        "message": {"text": finding.message(language) + (f" ({hint})" if hint else "")},
        "locations": [{"physicalLocation": {"artifactLocation": _file(finding.span), "region": _region(finding.span)}}],
        "partialFingerprints": {"saysTheSame/v1": f"{name}:{seen[name]}"},  # stays when lines above it move
    }
    if finding.code in numbers:
        result["ruleIndex"] = numbers[finding.code]
    if finding.fix is not None:
        result["fixes"] = [_fix(finding.fix, hint or finding.message(language))]
    return result


def _fix(edit: Edit, says: str) -> dict[str, Any]:
    replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
    return {
        "description": {"text": says},
        "artifactChanges": [{"artifactLocation": _file(edit.span), "replacements": [replacement]}],
    }


def _file(span: Span) -> dict[str, str]:
    return {"uri": f"file://{quote(span.path)}" if span.path.startswith("/") else quote(span.path)}


def _region(span: Span) -> dict[str, int]:
    """Lines and columns from 1, the end column not included: as ours are. A finding without a line is in the first."""
    return {
        "startLine": max(span.line, 1),
        "startColumn": max(span.column, 1),
        "endLine": max(span.end_line, span.line, 1),
        "endColumn": max(span.end_column, 1),
    }
