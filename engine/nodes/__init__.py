"""The node types, in the order of the palette. One file is one node type; third parties come by the entry point `remit.nodes`."""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from engine.interpreter.node import NodeType
from engine.nodes.approval import Approval
from engine.nodes.assign import Assign
from engine.nodes.call import Call
from engine.nodes.create import Create
from engine.nodes.decision import Decision
from engine.nodes.end import End
from engine.nodes.event_gateway import EventGateway
from engine.nodes.exclusive_gateway import ExclusiveGateway
from engine.nodes.external import External
from engine.nodes.find import Find
from engine.nodes.inclusive_gateway import InclusiveGateway
from engine.nodes.match import Match
from engine.nodes.merge import Merge
from engine.nodes.notify import Notify
from engine.nodes.parallel_gateway import ParallelGateway
from engine.nodes.score import Score
from engine.nodes.send import Send
from engine.nodes.service import Service
from engine.nodes.set import Set
from engine.nodes.signal import Signal
from engine.nodes.subprocess import Subprocess
from engine.nodes.undo import Undo
from engine.nodes.user_task import UserTask
from engine.nodes.wait import Wait

BUILTIN: tuple[type[NodeType], ...] = (
    ExclusiveGateway,
    InclusiveGateway,
    ParallelGateway,
    EventGateway,
    End,
    UserTask,
    Approval,
    Notify,
    Set,
    Create,
    Find,
    Match,
    Merge,
    Decision,
    Score,
    Assign,
    Wait,
    Send,
    Signal,
    Service,
    External,
    Subprocess,
    Call,
    Undo,
)


@cache
def catalogue() -> dict[str, type[NodeType]]:
    """`type:` -> class: the built-in ones, then those that installed packages bring."""
    found = {cls.TYPE: cls for cls in BUILTIN}
    for entry in entry_points(group="remit.nodes"):
        cls = entry.load()
        if cls.TYPE in found:
            raise ValueError(f"the node type '{cls.TYPE}' of {entry.value} exists already")
        found[cls.TYPE] = cls
    return found
