"""BPMN events: what is caught, as events and waits of ours, and what is thrown, as steps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tests.conformance.bpmn.arrows import Arrows, Json
from tests.conformance.decision_text import slug
from tests.conformance.dmn import duration
from tests.conformance.suites import Unsaid

SIGNALS, MESSAGES = "signal_", "message_"


class Events(Arrows):
    def trigger(self, event: Json, start: bool = False, stays: bool = False) -> dict[str, Any]:
        """An event of ours, for a place where it has an arrow."""
        kind = event["kind"]
        if kind == "signal":
            return {"signal": slug(SIGNALS + str(event["signalRef"]))}
        if kind == "message":
            message = event["messageRef"]
            return {"message": slug(MESSAGES + str(message)), "match": {"topic": f'"{slug(str(message))!r}"'}}
        if kind == "timer":
            return self._timer(event, repeats=start or stays)
        if kind == "conditional":
            return {"becomes" if start else "once": self.condition(str(event["condition"]))}
        if kind in ("error", "escalation"):
            return {kind: self._code(event)}
        raise Unsaid(f"no counterpart of the event {kind} here")

    def _code(self, event: Json) -> str:
        reference = event.get(f"{event['kind']}Ref")
        defined = self.process.model.get(f"{event['kind']}s", {}).get(reference) or {}
        return slug(str(defined.get(f"{event['kind']}Code") or reference)) if reference else "any"

    @staticmethod
    def _timer(event: Json, repeats: bool) -> dict[str, Any]:
        if cycle := event.get("timeCycle"):
            found = re.fullmatch(r"R(\d*)/(P.*)", str(cycle).strip())
            if found is None:
                raise Unsaid(f"no counterpart of the cycle {cycle}")
            words = duration(found[2]).text
            if not repeats:
                return {"after": words}
            return {"every": words, **({"times": int(found[1])} if found[1] else {})}
        if length := event.get("timeDuration"):
            return {"after": duration(str(length).strip()).text}
        if date := re.match(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)", str(event.get("timeDate") or "")):
            return {"at": f"{date[1]} {date[2]}"}
        raise Unsaid("a timer whose time is not in the excerpt")

    def waiting(self, event: Json, following: str | None = None) -> dict[str, Any]:
        """A wait, with its arrows where it is told what follows: a moment may be reached or passed."""
        made = {"type": "wait", **self.trigger(event)}
        if following is None:
            return made
        return made | {"next": {"reached": following, "passed": following} if "at" in made else following}

    def _sending(self, event: Json) -> dict[str, Any]:
        if event["kind"] == "signal":
            return {"type": "signal", "signal": slug(SIGNALS + str(event["signalRef"]))}
        if event["kind"] == "message":
            message = event["messageRef"]
            return {"type": "send", "message": slug(MESSAGES + str(message)), "give": {"topic": slug(str(message))}}
        if event["kind"] == "escalation":
            return {"type": "signal", "escalation": self._code(event)}
        if event["kind"] == "compensate":
            of = event.get("activityRef")
            return {"type": "undo", **({"of": [self.names[of]]} if of in self.names else {})}
        raise Unsaid(f"no counterpart of throwing {event['kind']} here")

    def _catch(self, name: str, node: Json) -> None:
        events, following = self.events_of(node), self.after(node)
        if len(events) == 1 and events[0]["kind"] == "link":
            self.nodes[name] = self._pass(following)
        elif len(events) == 1:
            self.nodes[name] = self.waiting(events[0], following)
        elif self.needs_all(node):
            self.nodes[name] = self._pass(self.awaited(node, events, following))
        else:
            joined = self.put(f"{node['id']} heard", self._pass(following))
            heard = {f"event_{i}": {**self.trigger(event), "next": joined} for i, event in enumerate(events, 1)}
            self.nodes[name] = {"type": "event_gateway", "events": heard}

    def awaited(self, node: Json, events: Sequence[Json], following: str) -> str:
        """All of these events, in any order, then what follows."""
        joined = self.put(f"{node['id']} joined", {**self._pass(following), "join": "all"})
        each = [self.put(f"{node['id']} part", self.waiting(event, joined)) for event in events]
        return self.put(f"{node['id']} all", {"type": "parallel_gateway", "next": each})

    def _throw(self, name: str, node: Json, events: Sequence[Json]) -> None:
        """One node for each thing thrown, then what follows. A signal is heard when the step has come to rest: a pause."""
        ends = {"error", "escalation", "terminate", "cancel"} if node["type"] == "endEvent" else set()
        last: dict[str, Any] = {"type": "end"} if node["type"] == "endEvent" else self._pass(self.after(node))
        chain: list[dict[str, Any]] = []
        for event in events:
            if event["kind"] in ends:
                last = {"type": "end", "kind": event["kind"]}
                if event["kind"] in ("error", "escalation"):
                    last["code"] = self._code(event) if self._code(event) != "any" else "unnamed"
                if event["kind"] == "cancel":
                    last["result"] = "cancelled"
            elif event["kind"] == "link":
                last = self._pass(self._linked(event))
            else:
                chain.append(self._sending(event))
                if event["kind"] == "signal":
                    chain.append({"type": "wait", "after": "0 seconds"})
        chain.append(last)
        names = [name, *(self.fresh(f"{node['id']} then") for _ in chain[1:])]
        for i, made in enumerate(chain):
            if i + 1 < len(chain):
                made["next"] = names[i + 1]
            self.nodes[names[i]] = made

    def _linked(self, event: Json) -> str:
        catching = [
            (node, other)
            for node in self.given.values()
            if node["type"] == "intermediateCatchEvent"
            for other in self.events_of(node)
            if other["kind"] == "link"
        ]
        wanted = event.get("target") or event.get("name")
        for node, other in catching:
            if wanted and wanted in (other.get("name"), node.get("name"), node["id"]):
                return self.names[node["id"]]
        if len(catching) == 1:
            return self.names[catching[0][0]["id"]]
        raise Unsaid("a link whose name is not in the excerpt")
