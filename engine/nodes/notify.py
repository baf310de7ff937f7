"""notify: tells people or a record's contact something, by a template.

`via` names channels; the first that reaches them is taken. Whoever has no address is logged, not an incident. The case goes
on at once; sending happens after the commit and may happen twice if a process dies in between.

```yaml
welcome:
  type: notify
  to: lead
  via: [email, sms]
  template: welcome
  next: end
```
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.interpreter import effects as fx
from engine.interpreter.node import Leave, NodeType, Outcome
from engine.interpreter.run import Run
from engine.language.expressions.things import Person, Record
from engine.language.expressions.types import TemplateType
from engine.language.kinds.people import PEOPLE_LIST, Group
from engine.language.kinds.template import Template
from engine.language.pack import Pack
from engine.language.shapes import VALUE, YES_NO, ListOf, MapOf, Name, key
from engine.language.values import Value
from engine.nodes.parts.giving import given


@dataclass(frozen=True, kw_only=True)
class Notify(NodeType):
    """Tells people or a record's contact something, by a template."""

    TYPE: ClassVar[str] = "notify"

    to: Any = key(PEOPLE_LIST, "a person, a record with phone or e-mail, a group, or a list of these", required=True)
    via: tuple[str, ...] | None = key(ListOf(Name()), "channels in order; app where none is named")
    template: Value = key(VALUE, "the template's name, or a formula that gives it", required=True)
    give: Map[str, Value] | None = key(MapOf(Name(reserved=True), VALUE), "what the template takes")
    urgent: bool = key(YES_NO, "before everything else", default=False)

    def inputs(self, pack: Pack) -> Map[str, Any] | None:
        name = getattr(self.template, "text", None)
        template = pack.get(Template, str(name)) if name is not None else None
        return (template.takes or {}) if template is not None else None

    def enter(self, run: Run) -> Outcome:
        name = run.value(self.template, TemplateType())
        template = run.view.pack.get(Template, str(name)) if name is not None else None
        if template is None:
            return Leave(because={"template": None})
        types = run.work.workflow.types.fields(template.takes, template.name)
        give = given(run, self.give, types)
        told = self._receivers(run)
        via = tuple(str(channel) for channel in (self.via or template.via or ("app",)))
        for receiver in told:
            run.emit(fx.Notify(receiver, str(name), via, give, run.case.record, self.urgent, self.name))
        return Leave(because={"to": told[:20], "template": str(name)})

    def _receivers(self, run: Run) -> list[str]:
        parts = self.to if isinstance(self.to, tuple) else (self.to,)
        found: list[str] = []
        for part in parts:
            if isinstance(part, Group):
                found += [f"person:{p.id}" for p in run.people(part)]
                continue
            value = run.evaluate(part)
            for thing in value if isinstance(value, tuple | list) else (value,):
                if isinstance(thing, Person):
                    found.append(f"person:{thing.id}")
                elif isinstance(thing, Record):
                    found.append(f"{thing.form}:{thing.id}")
        return list(dict.fromkeys(found))
