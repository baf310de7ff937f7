"""Reductions of a net before it is searched: what is sound by its shape becomes one unit, innermost first, so that nested
blocks are a sum and not a product (LANGUAGE 14): sequences.py and forks.py, until neither finds anything.

A group hides where in it a token is. So all its places must mean the same to every join that looks at what is on its way
and to every list of `cancels`; and where a run of the game does ask - a second token comes, a part is withdrawn, what
withdraws others runs in the same event - the game says Touched, that group is taken apart, and the search begins again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.checks.flow.forks import Forks
from engine.checks.flow.net import Net
from engine.checks.flow.sequences import Sequences


class _Rules(Sequences, Forks):
    """All of them, on one net."""


def reduced(net: Net, roots: frozenset[int], apart: Iterable[frozenset[int]] = ()) -> Net:
    """The net with groups for what can be one unit; the net itself where there is nothing.
    `roots`: units that starts and events lead to; `apart`: steps that must not be in one group."""
    rules = _Rules(net, roots, tuple(apart))
    while any([rules.sequences(), rules.forks(), rules.asides()]):
        pass
    if not rules.groups:
        return net
    return replace(net, units=rules.units, groups=rules.groups, too_wide=net.too_wide & rules.live - rules.forked)
