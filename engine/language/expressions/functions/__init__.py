"""The functions of the language: one table, filled by the modules of this package by theme."""

from __future__ import annotations

from engine.language.expressions.functions import lists, money, number, people, text, time
from engine.language.expressions.functions.declare import TABLE, Function, Parameter

__all__ = ["TABLE", "Function", "Parameter", "lists", "money", "number", "people", "text", "time"]
