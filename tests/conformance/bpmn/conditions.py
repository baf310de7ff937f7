"""Conditions of BPMN scripts as expressions of ours."""

from __future__ import annotations

import re

from tests.conformance.suites import Unsaid

YES, NO = "not has({}.never)", "has({}.never)"


def translated(text: str, me: str) -> str:
    written = text.strip().removeprefix("${").removeprefix("#{").removesuffix("}").removesuffix(">").strip()
    if written in ("true", "false"):
        return (YES if written == "true" else NO).format(me)
    written = re.sub(r"test\.contains\(\s*[\"']([^\"']*)[\"']\s*\)", rf"contains({me}.test, '\1')", written)
    written = re.sub(r"\btest\s*(==|!=)", rf"{me}.test \1", written)
    written = re.sub(r"\binteger(?:Variable)?\b(?!')", f"{me}.integer", written)
    written = written.replace("&&", " and ").replace("||", " or ").replace('"', "'")
    written = re.sub(r"!(?!=)", "not ", written)
    if re.sub(
        rf"contains\({me}\.test, '[^']*'\)|{me}\.(test|integer)|'[^']*'|and|or|not|[-\s\d().<>=!+]",
        "",
        written,
    ):
        raise Unsaid(f"no counterpart of the condition {text}")
    return written
