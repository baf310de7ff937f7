"""A small pack with one form, and mappings for it."""

from __future__ import annotations

import pytest

from engine.language.loader import load
from engine.language.pack import Pack
from engine.language.source import Source

PACK = """pack: small
language: en
currency: CNY
time_zone: Asia/Shanghai
calendar: office
"""
FORM = """form: visitor
label: = number
fields:
  number: {type: text, unique: yes}
  name: {type: text, required: yes}
  grade: {type: choice, of: {hot: Hot, cold: Cold}, start_with: cold}
  visits: {type: number, at_least: 0}
  budget: {type: money}
  seen_on: {type: date}
  wanted: {type: yes_no}
  twice: {type: number, formula: visits * 2}
  friend: {type: record, of: visitor}
"""
MAPPING = """mapping: visitors
form: visitor
identity: number
empty: ['', '?']
fields:
  number: {column: No}
  name: {column: Name, if_empty: nobody}
  grade: {column: Grade, words: {Yes: hot, No: cold}}
  visits: {column: Visits}
  budget: {column: Budget}
  seen_on: {column: Seen}
  wanted: {value: yes}
ignore:
  Rest: not needed
"""


@pytest.fixture(scope="session")
def pack() -> Pack:
    return load([Source("pack.yaml", PACK), Source("forms/visitor.yaml", FORM)], {})


@pytest.fixture(scope="session")
def mapping_text() -> str:
    return MAPPING
