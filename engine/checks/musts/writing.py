"""What a node that does not wait writes: fields of records, new records, and the lists that these stand in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from engine.checks.conditions.reading import path_of
from engine.checks.dataflow.touches import Touches
from engine.checks.musts.resting import Done, Touch, form_at
from engine.checks.musts.trees import EMPTY, ROW, Cells, Rows, read_by, renamed, rows, to_path
from engine.checks.musts.values import Values
from engine.language.expressions.tree import Each, Name, Node, Path
from engine.language.expressions.types import ANY, RecordType
from engine.language.kinds.form import Form
from engine.language.kinds.node import ForEach
from engine.language.kinds.node import Node as StepNode
from engine.language.kinds.scoring import Scoring
from engine.language.source import place_of
from engine.language.values import Value


class Writing:
    """Over one workflow."""

    def __init__(self, touches: Touches, values: Values) -> None:
        self.touches, self.values, self.view = touches, values, values.view

    def after(self, node: StepNode, exit_: str, done: Done) -> Done:
        """After this exit of a node that does not wait."""
        after = dataclasses.replace(done, written=done.written.copy(), names=dict(done.names))
        if node.type == "create":
            return self._made(node, after)
        item = str(node.for_each.as_) if node.for_each is not None else None
        touched: list[Touch] = list(after.touches)
        values: dict[Path, Node] = {}
        held = node.written_at(exit_)
        given: Mapping[str, Value] = getattr(node, "set", None) or {}
        for write in self.touches.of(str(node.name)):
            if write.asked or write.event or held == "nothing":
                continue
            parts = tuple(write.path.split("."))
            path = self.values.where(parts, after)
            value = given.get(write.path) if node.type == "set" else None
            copied = item is not None and parts[0] != item  # each copy writes its own: which is the last nobody knows
            if copied or value is None:
                values[path] = after.written.unknown(
                    ANY if copied else self.values.type_of(tuple(write.path.split(".")), after.names)
                )
            else:
                values[path] = self.values.tree(
                    value, self.values.type_of(tuple(write.path.split(".")), after.names), after
                )
            if held == "empty":
                values[path] = EMPTY
            touched.append(Touch(path, write.span, str(node.name), parts))
        scoring = self.view.pack.get(Scoring, str(getattr(node, "use", ""))) if node.type == "score" else None
        for name in (scoring.writes.total, scoring.writes.grade) if scoring is not None else ():
            if scoring is not None and name is not None:
                path = (str(scoring.of), str(name))
                values[path] = after.written.unknown(self.values.type_of(path, after.names))
                touched.append(Touch(path, place_of(node.name), str(node.name)))
        self._put(values, after, touched)
        return dataclasses.replace(after, touches=tuple(touched))

    def _put(self, values: Mapping[Path, Node], done: Done, touched: list[Touch]) -> None:
        """Written together: of what lay below a path nothing is known any more."""
        held = done.written.values
        for path, value in values.items():
            for below in [other for other in held if other[: len(path)] == path]:
                del held[below]
            held[path] = value
            self._in_lists(path, done, touched)

    # -- records that are made

    def _made(self, node: StepNode, after: Done) -> Done:
        touched, new = list(after.touches), set(after.new)
        mine: dict[str, str] = {}
        for name, made in (getattr(node, "records", None) or {}).items():
            form = self.view.pack.get(Form, str(made.form))
            if form is None or made.reuse is not None:
                after.written.values[(str(name),)] = after.written.unknown(ANY)
                continue
            called = f"new {made.form}"
            while called in after.names:
                called += "'"
            after.names[called] = RecordType((form.name,))
            mine[str(name)] = called
            new.add(called)
            types = self.view.types.form(form.name)
            given: Mapping[str, Value] = made.with_ or {}
            for field_name, field in form.fields.items():
                path = (called, str(field_name))
                if field.formula is not None:
                    continue
                value = given.get(field_name, field.start_with)
                if value is not None:
                    found = self.values.tree(value, types.get(str(field_name)), after)
                elif field.type == "serial":
                    found = after.written.unknown(types[str(field_name)])
                else:
                    found = rows(None) if field.type in ("list", "records") else EMPTY
                after.written.values[path] = found
                if field_name in given:
                    key = next(k for k in given if k == field_name)
                    touched.append(Touch(path, place_of(key), str(node.name), (str(name), str(field_name))))
            if node.for_each is None:
                after.written.values[(str(name),)] = Name(0, 0, 1, called)
            self._joins(called, form, node, after, touched)
        given = getattr(node, "set", None) or {}
        set_: dict[Path, Node] = {}
        for path_text, written in given.items():
            parts: Path = tuple(str(path_text).split("."))
            target = self.values.where(parts, after)
            type_ = self.values.type_of((mine[parts[0]], *parts[1:]) if parts[0] in mine else parts, after.names)
            set_[target] = self.values.tree(written, type_, after)
            touched.append(Touch(target, place_of(path_text), str(node.name), parts))
        self._put(set_, after, touched)
        for name in getattr(node, "records", None) or {}:
            after.written.values.pop((str(name),), None)
        return dataclasses.replace(after, touches=tuple(touched), new=frozenset(new))

    def _lists_of(self, form: str) -> Iterator[tuple[Form, str, str]]:
        """The lists of records that hold records of this form: their form, the field, and what of the record points there."""
        for other in self.view.pack.kind(Form).values():
            for name, field in other.fields.items():
                if field.type == "records" and str(field.of) == form and field.by is not None:
                    yield other, str(name), str(field.by)

    def _joins(self, called: str, form: Form, node: StepNode, after: Done, touched: list[Touch]) -> None:
        """The new record stands in the lists of the records that it points at."""
        for _, name, by in self._lists_of(form.name):
            owner = path_of(after.written.values.get((called, by), EMPTY))
            if owner is None:
                continue
            path = (*owner, name)
            cells = {
                str(f): after.written.values[called, str(f)]
                for f in form.fields
                if (called, str(f)) in after.written.values
            }
            before = after.written.values.get(path, to_path(path))
            held = before if isinstance(before, Rows) else rows(before)
            found = self._one_more(held, cells, node.for_each, after)
            after.written.values[path] = after.written.unknown(ANY) if found is None else found
            touched.append(Touch(path, place_of(node.name), str(node.name)))

    def _one_more(self, held: Rows, cells: Cells, copies: ForEach | None, after: Done) -> Rows | None:
        """A list with one row more, or one for each copy; None where the copies cannot be said."""
        if copies is None:
            return dataclasses.replace(held, more=(*held.more, cells))
        if copies.in_ is not None:
            over = self.values.read(copies.in_, after)
            inner = {f: renamed(tree, {str(copies.as_): Name(0, 0, 1, ROW)}) for f, tree in cells.items()}
            return (
                None
                if over is None
                else dataclasses.replace(held, copies=(*held.copies, (Each(0, 0, 1, EMPTY, ROW, over, None), inner)))
            )
        number = self.values.read(copies.count, after) if copies.count is not None else None
        own = {str(copies.as_), "position"}
        same = {f: tree for f, tree in cells.items() if not any(path[0] in own for path in read_by(tree))}
        return None if number is None else dataclasses.replace(held, alike=(*held.alike, (number, same)))

    def _in_lists(self, path: Path, done: Done, touched: list[Touch]) -> None:
        """A record's field was written: the lists that it stands in have another row for it."""
        owner, field = path[:-1], path[-1]
        if not owner or owner[0] in done.new:
            return
        form = form_at(owner, self.view, done.all_names)
        if form is None:
            return
        for _, name, by in self._lists_of(form.name):
            held = self.values.where((*owner, by, name), done)
            mine = next((touch for touch in touched if touch.path == path), None)
            if mine is not None:
                touched.append(dataclasses.replace(mine, path=held, said=(*mine.said[:-1], by, name)))
            if field == by:
                done.written.values[held] = done.written.unknown(ANY)
                continue
            before = done.written.values.get(held, to_path(held))
            names = [str(f) for f in form.fields]
            old: dict[str, Node] = {f: to_path((*owner, f)) for f in names}
            now = {f: done.written.values.get((*owner, f), old[f]) for f in names}
            base = before.base if isinstance(before, Rows) else before
            done.written.values[held] = rows(base, (now,), (old,))
