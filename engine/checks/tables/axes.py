"""Axes: the values of one input of a table, cut into the few classes that its rows can tell apart.

Inputs that a cell compares with each other (`below = other`) share one axis; its classes are then whole combinations.
Sweeping over the cuts of all cells follows Calvanese et al., "Semantic DMN: Formalizing Decision Models with Domain
Knowledge" and "Verification and Simplification of DMN Decision Tables" (2018), with sets of rows as bit masks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import accumulate, pairwise, product
from operator import and_, or_, xor
from typing import Any

from engine.checks.regions import Line, Region, in_words, joined
from engine.language.cells import Cell

Values = Mapping[str, Any]
MOST_COMBINATIONS = 400_000
"""Combinations of values and rows of one shared axis."""


class GaveUp(Exception):
    """The bound of a search was met: nothing is known. `steps` is how far it got."""

    def __init__(self, steps: int) -> None:
        super().__init__(steps)
        self.steps = steps


@dataclass(frozen=True)
class Axis:
    """`fits`: for each class the rows that fit its values; `rows`: for each row its classes; both as bit masks.

    `meets`: for each row the rows that share a class with it; `inside`: those whose classes hold all of its own.
    """

    names: tuple[str, ...]
    fits: tuple[int, ...]
    rows: tuple[int, ...]
    meets: tuple[int, ...]
    inside: tuple[int, ...]

    @property
    def all(self) -> int:
        return (1 << len(self.fits)) - 1

    def values(self, classes: int) -> Values:
        """Values of one of the classes, as a person would choose them."""
        raise NotImplementedError

    def words(self, classes: int) -> Mapping[str, str]:
        """The classes in the words of cells."""
        raise NotImplementedError


@dataclass(frozen=True)
class OneInput(Axis):
    """The axis of one input that no cell compares with another: its classes are neighbours on its line, empty last.

    `regions`: the values of each class; `own`: those of each row.
    """

    allowed: Region
    regions: tuple[Region, ...]
    own: tuple[Region, ...]

    @cached_property
    def bounds(self) -> list[set[Any]]:
        """For each row the cuts where its values begin and end."""
        return [region.cuts for region in self.own]

    @cached_property
    def rarity(self) -> Counter[Any]:
        """How many rows have a bound at a cut."""
        return Counter(cut for cuts in self.bounds for cut in cuts)

    def region(self, classes: int) -> Region:
        edges, stretches, empty = bits(classes ^ (classes << 1)), [], False
        for start, end in zip(edges[::2], edges[1::2], strict=True):
            if self.regions[end - 1].empty:
                end, empty = end - 1, True
            if start < end and len(self.allowed.stretches) == 1:  # the neighbours touch
                stretches.append((self.regions[start].stretches[0][0], self.regions[end - 1].stretches[0][1]))
            else:
                stretches += [stretch for one in self.regions[start:end] for stretch in one.stretches]
        return Region(self.allowed.line, joined(stretches), empty)

    def values(self, classes: int) -> Values:
        return {self.names[0]: self.region(classes).witness()}

    def words(self, classes: int) -> Mapping[str, str]:
        return {self.names[0]: in_words(self.region(classes), self.allowed)}


@dataclass(frozen=True)
class SeveralInputs(Axis):
    """The axis of inputs that cells compare with each other: each class is known by one combination of values."""

    line: Line
    points: tuple[tuple[Any, ...], ...]

    def values(self, classes: int) -> Values:
        return dict(zip(self.names, self.points[first(classes)], strict=True))

    def words(self, classes: int) -> Mapping[str, str]:
        if classes == self.all:
            return dict.fromkeys(self.names, "any")
        point = zip(self.names, self.points[first(classes)], strict=True)
        return {name: "empty" if value is None else self.line.say(value) for name, value in point}


def one_input(name: str, allowed: Region, rows: Sequence[Region], finer: Sequence[Region] = ()) -> OneInput:
    """The axis of an input. `finer`: regions that the classes must tell apart besides the rows."""
    line = allowed.line
    given = [region & allowed for region in (*rows, *finer)]
    cuts = sorted({cut for region in (*given, allowed) for stretch in region.stretches for cut in stretch})
    regions: list[Region] = []
    starts, ends = (
        {},
        {},
    )  # of a stretch that begins or ends at a cut: the number of its first class, of the one behind it
    outer = iter((*allowed.stretches, None))
    stretch = next(outer)
    for low, high in pairwise(cuts):
        if stretch is not None and low >= stretch[0]:
            starts[low] = len(regions)
            regions.append(Region(line, ((low, high),)))
            ends[high] = len(regions)
            stretch = next(outer) if high == stretch[1] else stretch
    runs = [[(starts[low], ends[high]) for low, high in region.stretches] for region in given[: len(rows)]]
    if allowed.empty:
        for row, region in enumerate(given[: len(rows)]):
            runs[row] += [(len(regions), len(regions) + 1)] * region.empty
        regions.append(Region(line, (), True))
    toggles = [0] * (len(regions) + 1)
    for row, own in enumerate(runs):
        for start, end in own:
            toggles[start] ^= 1 << row
            toggles[end] ^= 1 << row
    fits = list(accumulate(toggles[:-1], xor))
    classes = tuple(sum((1 << end) - (1 << start) for start, end in own) for own in runs)
    some, every = _levels(fits, or_), _levels(fits, and_)
    meets = tuple(_over(own, some, or_, 0) for own in runs)
    inside = tuple(_over(own, every, and_, (1 << len(rows)) - 1) for own in runs)
    return OneInput((name,), tuple(fits), classes, meets, inside, allowed, tuple(regions), tuple(given[: len(rows)]))


Combine = Callable[[int, int], int]


def _levels(fits: list[int], combine: Combine) -> list[list[int]]:
    """For runs of 1, 2, 4, ... neighbours: their rows combined."""
    levels, width = [fits], 1
    while width * 2 <= len(fits):
        last = levels[-1]
        levels.append([combine(last[at], last[at + width]) for at in range(len(last) - width)])
        width *= 2
    return levels


def _over(runs: Sequence[tuple[int, int]], levels: list[list[int]], combine: Combine, found: int) -> int:
    """The rows of a row's runs of neighbours combined, each run in two look-ups."""
    for start, end in runs:
        level = (end - start).bit_length() - 1
        found = combine(found, combine(levels[level][start], levels[level][end - (1 << level)]))
    return found


def several_inputs(
    names: Sequence[str],
    allowed: Mapping[str, Region],
    rows: Sequence[Mapping[str, Cell]],
    finer: Sequence[Region] = (),
    merged: bool = True,
) -> SeveralInputs:
    """The shared axis of inputs on one line; `rows` are their cells, `finer` regions with all constants of them.

    `merged`: combinations that the same rows fit are one class. Between two neighbouring constants as many different
    values are tried as there are inputs: every order that the inputs can have among themselves and the constants then
    occurs. Raises GaveUp when these are too many.
    """
    constants = {
        cut
        for region in (*finer, *(allowed[name] for name in names))
        for stretch in region.stretches
        for cut in stretch
    }
    candidates: list[list[Any]] = []
    for name in names:
        line = allowed[name].line
        cuts = sorted(constants)
        pieces = [Region(line, ((a, b),)) & allowed[name] for a, b in pairwise(cuts)]
        found = [value for piece in pieces for value in piece.samples(len(names))]
        candidates.append([*found, None] if allowed[name].empty else found)
    size = len(rows)
    for values in candidates:
        size *= max(len(values), 1)
    if size > MOST_COMBINATIONS:
        raise GaveUp(MOST_COMBINATIONS)
    classes: list[tuple[int, tuple[Any, ...]]] = []
    seen: dict[int, int] = {}
    for point in product(*candidates):
        inputs = dict(zip(names, point, strict=True))
        fits = 0
        for row, cells in enumerate(rows):
            if all(cells[name].matches(inputs[name], inputs) for name in names):
                fits |= 1 << row
        if not merged or fits not in seen:
            seen[fits] = len(classes)
            classes.append((fits, point))
        elif None in classes[seen[fits]][1] and None not in point:
            classes[seen[fits]] = (fits, point)
    masks = [fits for fits, _ in classes]
    own = transposed(masks, len(rows))
    meets = tuple(reduce(or_, (masks[at] for at in bits(row)), 0) for row in own)
    inside = tuple(reduce(and_, (masks[at] for at in bits(row)), (1 << len(rows)) - 1) for row in own)
    line = allowed[names[0]].line
    return SeveralInputs(tuple(names), tuple(masks), own, meets, inside, line, tuple(point for _, point in classes))


def transposed(masks: Sequence[int], count: int) -> tuple[int, ...]:
    """From the rows of each class to the classes of each row."""
    found = [0] * count
    for at, mask in enumerate(masks):
        bit = 1 << at
        for row in bits(mask):
            found[row] |= bit
    return tuple(found)


def bits(mask: int) -> list[int]:
    """The numbers of the set bits, ascending."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def first(mask: int) -> int:
    """The number of the lowest set bit."""
    return (mask & -mask).bit_length() - 1
