"""The first schema. Frozen: what the tables are today stands in `store/tables`, a test holds the two equal."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SMALL = sa.SmallInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

_SQLITE = [
    """CREATE TRIGGER steps_keep BEFORE DELETE ON steps
WHEN NOT EXISTS (SELECT 1 FROM archived WHERE archived.case_id = OLD.case_id)
BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END""",
    """CREATE TRIGGER steps_stand BEFORE UPDATE ON steps
WHEN OLD.redacted IS NOT NULL OR NEW.redacted IS NULL OR NEW.case_id IS NOT OLD.case_id OR NEW.seq IS NOT OLD.seq
OR NEW.at IS NOT OLD.at OR NEW.kind IS NOT OLD.kind OR NEW.actor IS NOT OLD.actor OR NEW.cause IS NOT OLD.cause
OR NEW.hash IS NOT OLD.hash
BEGIN SELECT RAISE(ABORT, 'steps are append-only'); END""",
]
_POSTGRES = [
    """CREATE OR REPLACE FUNCTION steps_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM archived WHERE archived.case_id = OLD.case_id) THEN RETURN OLD; END IF;
  ELSIF OLD.redacted IS NULL AND NEW.redacted IS NOT NULL
    AND (NEW.case_id, NEW.seq, NEW.at, NEW.kind, NEW.actor, NEW.cause, NEW.hash)
      IS NOT DISTINCT FROM (OLD.case_id, OLD.seq, OLD.at, OLD.kind, OLD.actor, OLD.cause, OLD.hash) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'steps are append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$""",
    "CREATE TRIGGER steps_guard BEFORE UPDATE OR DELETE ON steps FOR EACH ROW EXECUTE FUNCTION steps_guard()",
]


def _column(name: str, type_: Any, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, type_, autoincrement=False, nullable=null)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "active",
        _column("kind", KEY),
        _column("name", KEY),
        _column("definition_id", NUMBER),
        sa.PrimaryKeyConstraint("kind", "name"),
    )
    op.create_table(
        "anchors",
        _column("id", NUMBER),
        _column("at", NUMBER),
        _column("cases", NUMBER),
        _column("hash", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_anchors_at", "anchors", ["at"], unique=True)
    op.create_table(
        "archived",
        _column("case_id", NUMBER),
        _column("record_form", KEY, null=True),
        _column("record_id", NUMBER, null=True),
        _column("ended_at", NUMBER),
        _column("head", sa.LargeBinary()),
        _column("body", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("ix_archived_record", "archived", ["record_form", "record_id"])
    op.create_table(
        "case_values",
        _column("case_id", NUMBER),
        _column("name", KEY),
        _column("no", NUMBER),
        _column("value", sa.Text()),
        sa.PrimaryKeyConstraint("case_id", "name", "no"),
    )
    op.create_table(
        "cases",
        _column("id", NUMBER),
        _column("workflow", KEY),
        _column("definition_id", NUMBER),
        _column("record_form", KEY, null=True),
        _column("record_id", NUMBER, null=True),
        _column("parent_id", NUMBER, null=True),
        _column("parent_no", NUMBER, null=True),
        _column("business_key", KEY, null=True),
        _column("status", SMALL),
        _column("seq", NUMBER),
        _column("state", sa.Text()),
        _column("head", sa.LargeBinary()),
        _column("incidents", SMALL),
        _column("started_at", NUMBER),
        _column("last_at", NUMBER),
        _column("ended_at", NUMBER, null=True),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index("ix_cases_parent", "cases", ["parent_id", "status"], **_where("parent_id IS NOT NULL"))
    op.create_index("ix_cases_record", "cases", ["record_form", "record_id"])
    op.create_index("ix_cases_workflow", "cases", ["workflow", "status", "id"])
    op.create_index(
        "ux_cases_business_key",
        "cases",
        ["workflow", "business_key"],
        unique=True,
        **_where("status = 0 AND business_key IS NOT NULL"),
    )
    op.create_table(
        "commands",
        _column("actor", KEY),
        _column("key", KEY),
        _column("digest", sa.LargeBinary()),
        _column("status", NUMBER),
        _column("answer", sa.Text()),
        _column("at", NUMBER),
        sa.PrimaryKeyConstraint("actor", "key"),
    )
    op.create_index("ix_commands_at", "commands", ["at"])
    op.create_table("cursors", _column("name", KEY), _column("position", NUMBER), sa.PrimaryKeyConstraint("name"))
    op.create_table(
        "definitions",
        _column("id", NUMBER),
        _column("hash", KEY),
        _column("kind", KEY),
        _column("name", KEY),
        _column("text", sa.Text()),
        _column("created_at", NUMBER),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ux_definitions_hash", "definitions", ["hash"], unique=True)
    op.create_table(
        "deliveries",
        _column("id", NUMBER),
        _column("case_id", NUMBER, null=True),
        _column("workflow", KEY, null=True),
        _column("event", sa.Text()),
        _column("cause", KEY, null=True),
        _column("depth", SMALL),
        _column("attempts", SMALL),
        _column("not_before", NUMBER),
        sa.PrimaryKeyConstraint("id"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index("ix_deliveries_case", "deliveries", ["case_id"])
    op.create_index("ix_deliveries_ready", "deliveries", ["not_before", "id"], **_where("attempts < 5"))
    op.create_table(
        "deployments",
        _column("id", NUMBER),
        _column("at", NUMBER),
        _column("actor", KEY, null=True),
        _column("changes", sa.Text()),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "effects",
        _column("case_id", NUMBER),
        _column("seq", NUMBER),
        _column("n", NUMBER),
        _column("kind", KEY),
        _column("payload", sa.Text()),
        _column("state", SMALL),
        _column("attempts", SMALL),
        _column("answered_at", NUMBER, null=True),
        sa.PrimaryKeyConstraint("case_id", "seq", "n"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index("ix_effects_waiting", "effects", ["state", "case_id"], **_where("state = 0"))
    op.create_index("ix_effects_outside", "effects", ["case_id", "seq", "n"], **_where("state = 3"))
    op.create_table(
        "incidents",
        _column("id", NUMBER),
        _column("case_id", NUMBER, null=True),
        _column("token", NUMBER, null=True),
        _column("node", KEY, null=True),
        _column("code", KEY),
        _column("message", sa.Text()),
        _column("event", sa.Text(), null=True),
        _column("opened_at", NUMBER),
        _column("closed_at", NUMBER, null=True),
        _column("closed_by", KEY, null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_incidents_case", "incidents", ["case_id"])
    op.create_index("ix_incidents_open", "incidents", ["opened_at"], **_where("closed_at IS NULL"))
    op.create_table(
        "jobs",
        _column("id", NUMBER),
        _column("kind", KEY),
        _column("key", KEY, null=True),
        _column("args", sa.Text()),
        _column("state", SMALL),
        _column("attempts", SMALL),
        _column("locked_by", KEY, null=True),
        _column("locked_until", NUMBER, null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_jobs_held", "jobs", ["locked_until"], **_where("state = 1"))
    op.create_index("ix_jobs_waiting", "jobs", ["id"], **_where("state = 0"))
    op.create_index("ux_jobs_key", "jobs", ["key"], unique=True, **_where("state IN (0, 1) AND key IS NOT NULL"))
    op.create_table(
        "loads",
        _column("member", KEY),
        _column("kind", KEY),
        _column("n", NUMBER),
        _column("last_at", NUMBER),
        sa.PrimaryKeyConstraint("member", "kind"),
    )
    op.create_table(
        "messages",
        _column("id", NUMBER),
        _column("name", KEY),
        _column("key", KEY),
        _column("payload", sa.Text()),
        _column("message_id", KEY, null=True),
        _column("expires_at", NUMBER),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_messages_expires", "messages", ["expires_at"])
    op.create_index("ix_messages_wanted", "messages", ["name", "key", "id"])
    op.create_index("ux_messages_message_id", "messages", ["message_id"], unique=True)
    op.create_table(
        "record_keys",
        _column("form", KEY),
        _column("field", KEY),
        _column("key", KEY),
        _column("record_id", NUMBER),
        sa.PrimaryKeyConstraint("form", "field", "key", "record_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_record_keys_record", "record_keys", ["record_id"])
    op.create_table(
        "record_unique",
        _column("form", KEY),
        _column("rule", KEY),
        _column("key", KEY),
        _column("record_id", NUMBER),
        sa.PrimaryKeyConstraint("form", "rule", "key"),
    )
    op.create_index("ix_record_unique_record", "record_unique", ["record_id"])
    op.create_table(
        "record_versions",
        _column("record_id", NUMBER),
        _column("version", NUMBER),
        _column("at", NUMBER),
        _column("actor", KEY, null=True),
        _column("cause", KEY, null=True),
        _column("changes", sa.Text()),
        sa.PrimaryKeyConstraint("record_id", "version"),
    )
    op.create_table(
        "records",
        _column("id", NUMBER),
        _column("form", KEY),
        _column("version", NUMBER),
        _column("data", sa.Text()),
        _column("owner", KEY, null=True),
        _column("team", KEY, null=True),
        _column("merged_into", NUMBER, null=True),
        _column("created_at", NUMBER),
        _column("changed_at", NUMBER),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_records_form", "records", ["form", "id"])
    op.create_table("serials", _column("name", KEY), _column("position", NUMBER), sa.PrimaryKeyConstraint("name"))
    op.create_table(
        "steps",
        _column("case_id", NUMBER),
        _column("seq", NUMBER),
        _column("at", NUMBER),
        _column("kind", KEY),
        _column("actor", KEY, null=True),
        _column("cause", KEY, null=True),
        _column("events", sa.Text()),
        _column("hash", sa.LargeBinary()),
        _column("redacted", sa.LargeBinary(), null=True),
        sa.PrimaryKeyConstraint("case_id", "seq"),
    )
    op.create_table(
        "subscriptions",
        _column("case_id", NUMBER),
        _column("no", NUMBER),
        _column("id", NUMBER),
        _column("token", NUMBER),
        _column("kind", SMALL),
        _column("name", KEY),
        _column("key", KEY),
        _column("node", KEY),
        sa.PrimaryKeyConstraint("case_id", "no", "key"),
    )
    op.create_index("ix_subscriptions_wanted", "subscriptions", ["kind", "name", "key", "id"])
    op.create_table(
        "task_candidates",
        _column("subject", KEY),
        _column("due_at", NUMBER),
        _column("case_id", NUMBER),
        _column("no", NUMBER),
        sa.PrimaryKeyConstraint("subject", "due_at", "case_id", "no"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_task_candidates_task", "task_candidates", ["case_id", "no"])
    op.create_table(
        "task_people",
        _column("subject", KEY),
        _column("kind", SMALL),
        _column("at", NUMBER),
        _column("case_id", NUMBER),
        _column("no", NUMBER),
        sa.PrimaryKeyConstraint("subject", "kind", "at", "case_id", "no"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_task_people_task", "task_people", ["case_id", "no"])
    op.create_table(
        "tasks",
        _column("case_id", NUMBER),
        _column("no", NUMBER),
        _column("workflow", KEY),
        _column("node", KEY),
        _column("state", SMALL),
        _column("assignee", KEY, null=True),
        _column("due_at", NUMBER),
        _column("priority", NUMBER),
        _column("title", sa.Text()),
        _column("record_form", KEY, null=True),
        _column("record_id", NUMBER, null=True),
        _column("version", NUMBER),
        _column("opened_at", NUMBER),
        _column("claimed_at", NUMBER, null=True),
        _column("closed_at", NUMBER, null=True),
        _column("outcome", KEY, null=True),
        sa.PrimaryKeyConstraint("case_id", "no"),
    )
    op.create_index("ix_tasks_done", "tasks", ["assignee", "closed_at", "case_id", "no"], **_where("state > 0"))
    op.create_index("ix_tasks_mine", "tasks", ["assignee", "due_at", "case_id", "no"], **_where("state = 0"))
    op.create_index("ix_tasks_place", "tasks", ["workflow", "node"], **_where("state = 0"))
    op.create_index("ix_tasks_subject", "tasks", ["record_form", "record_id"])
    op.create_table(
        "timers",
        _column("case_id", NUMBER),
        _column("no", NUMBER),
        _column("token", NUMBER),
        _column("due_at", NUMBER),
        _column("node", KEY),
        _column("kind", KEY),
        _column("attempts", SMALL),
        sa.PrimaryKeyConstraint("case_id", "no"),
        postgresql_with={"autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index("ix_timers_due", "timers", ["due_at"])
    op.create_table(
        "tokens",
        _column("id", NUMBER),
        _column("person", KEY),
        _column("digest", sa.LargeBinary()),
        _column("created_at", NUMBER),
        _column("revoked_at", NUMBER, null=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_tokens_person", "tokens", ["person"])
    op.create_index("ux_tokens_digest", "tokens", ["digest"], unique=True)

    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise NotImplementedError("before the first schema there is nothing to go back to")
