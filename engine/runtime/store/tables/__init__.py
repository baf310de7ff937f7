"""The schema: one table a file, one MetaData; importing this room makes the MetaData whole."""

from __future__ import annotations

from engine.runtime.store.tables.active import active
from engine.runtime.store.tables.anchors import anchors
from engine.runtime.store.tables.archived import archived
from engine.runtime.store.tables.case_values import case_values
from engine.runtime.store.tables.cases import cases
from engine.runtime.store.tables.columns import NEVER, metadata
from engine.runtime.store.tables.commands import commands
from engine.runtime.store.tables.cursors import cursors
from engine.runtime.store.tables.definitions import definitions
from engine.runtime.store.tables.deliveries import deliveries
from engine.runtime.store.tables.deployments import deployments
from engine.runtime.store.tables.effects import effects
from engine.runtime.store.tables.incidents import incidents
from engine.runtime.store.tables.jobs import jobs
from engine.runtime.store.tables.loads import loads
from engine.runtime.store.tables.messages import messages
from engine.runtime.store.tables.record_keys import record_keys
from engine.runtime.store.tables.record_unique import record_unique
from engine.runtime.store.tables.record_versions import record_versions
from engine.runtime.store.tables.records import records
from engine.runtime.store.tables.serials import serials
from engine.runtime.store.tables.steps import steps
from engine.runtime.store.tables.subscriptions import subscriptions
from engine.runtime.store.tables.task_candidates import task_candidates
from engine.runtime.store.tables.task_people import task_people
from engine.runtime.store.tables.tasks import tasks
from engine.runtime.store.tables.timers import timers
from engine.runtime.store.tables.tokens import tokens

__all__ = [
    "NEVER",
    "active",
    "anchors",
    "archived",
    "case_values",
    "cases",
    "commands",
    "cursors",
    "definitions",
    "deliveries",
    "deployments",
    "effects",
    "incidents",
    "jobs",
    "loads",
    "messages",
    "metadata",
    "record_keys",
    "record_unique",
    "record_versions",
    "records",
    "serials",
    "steps",
    "subscriptions",
    "task_candidates",
    "task_people",
    "tasks",
    "timers",
    "tokens",
]
