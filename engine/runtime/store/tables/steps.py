"""The history: one row an outside event with all that followed from it (R42), append-only and chained (R44)."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

from engine.runtime.store.tables.columns import key, long, metadata, number, octets

steps = Table(
    "steps",
    metadata,
    number("case_id", primary_key=True),
    number("seq", primary_key=True),
    number("at"),
    key("kind"),
    key("actor", null=True),
    key("cause", null=True),
    long("events"),
    octets("hash"),
    octets("redacted", null=True),
)


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
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRES)):
    for _statement in _statements:
        _trigger = DDL(_statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
        event.listen(steps, "after_create", _trigger.execute_if(dialect=_dialect))
