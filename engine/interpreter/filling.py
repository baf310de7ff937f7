"""What a person fills in when pressing: written where the step allows, and everything that the button needs is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.interpreter.events import Plain
from engine.interpreter.run import NothingThere, Run
from engine.interpreter.view import Refused, Unfit


def fill_needs(run: Run, needs: Iterable[str], fill: Mapping[str, Plain], also: Iterable[str] = ()) -> tuple[str, ...]:
    """Writes `fill` (field -> plain value) into the needed and otherwise allowed paths; the fields whose value changed.

    `also`: bare fields of the case's record that this step lets the person edit. Raises Refused for a field that is not
    granted, for one that is needed and empty, and for a value that the form does not take.
    """
    paths = {_field(path): str(path) for path in needs}
    record = run.record
    for field in also:
        paths.setdefault(str(field), f"{record.form}.{field}" if record is not None else f"case.{field}")
    changed: list[str] = []
    values = []
    for field, plain in fill.items():
        path = paths.get(_field(field))
        if path is None:
            raise Refused("not-granted", f"'{field}' cannot be written in this step", f"此步骤不能填写“{field}”")
        type_ = run.type_at(path)
        value = run.typed(plain, type_) if type_ is not None else plain
        values.append((path, value))
    try:
        for path, value in values:
            if _read(run, path) != value:
                changed.append(_field(path))
            run.write(path, value)
    except Unfit as unfit:
        first = unfit.violations[0]
        raise Refused(first.field or first.rule, first.en, first.zh, unfit.violations) from unfit
    except NothingThere as missing:
        raise Refused("empty-reference", str(missing), f"“{missing.path}”所经的引用为空") from missing
    for path in needs:
        if _read(run, str(path)) in (None, "", ()):
            raise Refused(
                _field(str(path)), f"'{_field(str(path))}' must be filled in", f"“{_field(str(path))}”必须填写"
            )
    return tuple(dict.fromkeys(changed))


def _field(path: str) -> str:
    return path.rsplit(".", 1)[-1]


def _read(run: Run, path: str) -> object:
    parts = path.split(".")
    if parts[0] == "case" and len(parts) == 2:
        return run.names["case"][parts[1]]
    owner = run.owner_of(path)
    return owner[parts[-1]] if owner is not None else None
