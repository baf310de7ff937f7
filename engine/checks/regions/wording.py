"""Regions in the words of a cell, so that a finding can show what to write: `over 400 up to 500`, `[A, B]`, `not C`."""

from __future__ import annotations

from engine.checks.regions.lines import Cut, End, Entries, Line, Numbers, Texts
from engine.checks.regions.sets import Region, Stretch, everything


def in_words(region: Region, within: Region | None = None) -> str:
    """The cell that fits just these values; `any` when that is all there can be, `within`."""
    allowed = within if within is not None else everything(region.line)
    if allowed <= region:
        return "any"
    if allowed.filled <= region and not region.empty:
        return "not empty" if allowed.empty else "any"
    left_out = allowed.filled - region
    points = _points(left_out)
    if points is not None and not region.empty and _is_shorter(left_out, region):
        return f"not {points[0]}" if len(points) == 1 else f"{{not: [{', '.join(points)}]}}"
    parts = ["empty"] if region.empty else []
    parts += [part for stretch in region.stretches for part in _stretch(region.line, stretch, allowed)]
    return parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"


def _is_shorter(left_out: Region, region: Region) -> bool:
    if isinstance(region.line, Entries):
        size, rest = (sum(b - a for a, b in one.stretches) for one in (region, left_out))
        return bool(rest == 1 and size > 2)
    return bool(region.stretches) and isinstance(region.line, Texts)


def _points(region: Region) -> list[str] | None:
    """Its values written out when each stretch is a single one."""
    found: list[str] = []
    for low, high in region.stretches:
        if isinstance(region.line, Entries):
            found += [region.line.say(value) for value in region.line.values[low:high]]
        elif (value := _single(region.line, low, high)) is not None:
            found.append(value)
        else:
            return None
    return found or None


def _single(line: Line, low: Cut, high: Cut) -> str | None:
    if isinstance(low, End) or isinstance(high, End):
        return None
    value = line.simplest(low, high)
    return line.say(value) if line.before(value) == low and line.after(value) == high else None


def _stretch(line: Line, stretch: Stretch, allowed: Region) -> list[str]:
    low, high = stretch
    if isinstance(line, Entries):
        return [line.say(value) for value in line.values[low:high]]
    if (single := _single(line, low, high)) is not None:
        return [single]
    words = []
    if low > max(line.first, allowed.stretches[0][0] if allowed.stretches else line.first):
        words.append(_low(line, low))
    if high < min(line.last, allowed.stretches[-1][1] if allowed.stretches else line.last):
        words.append(_high(line, high))
    return [" ".join(words) or "not empty"]


def _low(line: Line, cut: Cut) -> str:
    value, behind = _beside(line, cut)
    return f"at least {value}" if behind else f"over {value}"


def _high(line: Line, cut: Cut) -> str:
    value, behind = _beside(line, cut)
    return f"below {value}" if behind else f"up to {value}"


def _beside(line: Line, cut: Cut) -> tuple[str, bool]:
    """The value at a cut, and whether it lies behind it; on a grid the rounder one of the two neighbours."""
    if isinstance(line, Texts):
        return (cut, True) if not cut.endswith("\x00") else (cut[:-1], False)
    if isinstance(cut, tuple) and cut[-1] == 1:  # just behind a number, or a duration
        return line.say(line.at((*cut[:-1], 0))), False
    behind = line.say(line.at(cut))
    if isinstance(cut, tuple) or cut <= line.first:
        return behind, True
    ahead = line.say(line.at(cut - 1))
    blank = "0" if isinstance(line, Numbers) else " "
    return (ahead, False) if len(ahead.rstrip(blank)) < len(behind.rstrip(blank)) else (behind, True)
