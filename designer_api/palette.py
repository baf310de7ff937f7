"""The node types as a designer's palette shows them: group, titles, exits, JSON Schema, manual."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import Any

from engine.interpreter.node import NodeType
from engine.language.shapes import StructShape

GROUPS: dict[str, tuple[str, str]] = {
    "routing": ("Routing", "路由"),
    "people": ("People", "人员"),
    "data": ("Data and rules", "数据与规则"),
    "time": ("Time and messages", "时间与消息"),
    "systems": ("Systems", "外部系统"),
    "structure": ("Structure", "结构"),
    "other": ("Other", "其他"),
}
ENTRIES: dict[str, tuple[str, str, str]] = {
    "exclusive_gateway": ("routing", "Exclusive gateway", "排他网关"),
    "inclusive_gateway": ("routing", "Inclusive gateway", "包容网关"),
    "parallel_gateway": ("routing", "Parallel gateway", "并行网关"),
    "event_gateway": ("routing", "Event gateway", "事件网关"),
    "end": ("routing", "End", "结束"),
    "user_task": ("people", "User task", "人工任务"),
    "approval": ("people", "Approval", "审批"),
    "notify": ("people", "Notify", "通知"),
    "set": ("data", "Set", "赋值"),
    "create": ("data", "Create", "新建记录"),
    "find": ("data", "Find", "查找"),
    "match": ("data", "Match", "匹配"),
    "merge": ("data", "Merge", "合并"),
    "decision": ("data", "Decision", "决策表"),
    "score": ("data", "Score", "评分"),
    "assign": ("data", "Assign", "分配"),
    "wait": ("time", "Wait", "等待"),
    "send": ("time", "Send", "发送消息"),
    "signal": ("time", "Signal", "信号"),
    "service": ("systems", "Service", "服务调用"),
    "external": ("systems", "External work", "外部作业"),
    "subprocess": ("structure", "Subprocess", "子流程"),
    "call": ("structure", "Call", "调用流程"),
    "undo": ("structure", "Undo", "撤销"),
}
"""type -> group, title in en and zh."""
EXITS_FROM = {
    "exclusive_gateway": "cases",
    "inclusive_gateway": "cases",
    "parallel_gateway": "next",
    "event_gateway": "events",
    "user_task": "buttons",
    "approval": "buttons",
    "subprocess": "nodes",
    "call": "workflow",
}
"""Types that take exits, or more exits, from what their definition says under this key."""
NO_OWN_EXITS = frozenset({"exclusive_gateway", "inclusive_gateway", "event_gateway"})


def palette(types: Mapping[str, type[NodeType]]) -> list[dict[str, Any]]:
    """One entry a type, in the order of the catalogue; a third party's type may have GROUP, TITLE and TITLE_ZH."""
    return [entry(cls) for cls in types.values()]


def entry(cls: type[NodeType]) -> dict[str, Any]:
    name = cls.TYPE
    group, title, title_zh = ENTRIES.get(name) or (
        getattr(cls, "GROUP", "other"),
        getattr(cls, "TITLE", name.replace("_", " ").capitalize()),
        getattr(cls, "TITLE_ZH", name.replace("_", " ")),
    )
    group_titles = GROUPS.get(group, (group, group))
    manual = inspect.cleandoc(sys.modules[cls.__module__].__doc__ or cls.__doc__ or "")
    return {
        "type": name,
        "title": title,
        "title_zh": title_zh,
        "group": group,
        "group_title": group_titles[0],
        "group_title_zh": group_titles[1],
        "exits": exits(cls),
        "exits_from": EXITS_FROM.get(name),
        "description": inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0],
        "manual": manual,
        "schema": schema(cls),
    }


def exits(cls: type[NodeType]) -> list[str]:
    """The exits that every node of the type has, and those that it may have; what `exits_from` names adds to them."""
    if cls.TYPE in NO_OWN_EXITS:
        return []
    if cls.TYPE == "wait":
        return ["done", "reached", "passed"]
    keys: dict[str, Any] = {f.name: None for f in cls.keys().values() if f.metadata["required"]} | {"type": cls.TYPE}
    if "nodes" in keys:
        keys["nodes"] = {}
    node = cls(**keys)
    return list(dict.fromkeys((*node.own_exits(), *node.optional_exits())))


def schema(cls: type[NodeType]) -> dict[str, Any]:
    """The JSON Schema (draft-07) of a node of this type, complete in itself."""
    definitions: dict[str, Any] = {}
    root = StructShape(cls).json_schema(definitions)
    if "Node" not in definitions:
        # nodes inside nodes: any type, said in full by the schema of workflows
        definitions["Node"] = {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}}
    found = {"$schema": "http://json-schema.org/draft-07/schema#", **root, "definitions": definitions}
    definitions[cls.__name__]["properties"]["type"] = {"const": cls.TYPE}
    return found
