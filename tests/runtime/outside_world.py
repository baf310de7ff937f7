"""A made-up pack with services and channels, a store with one case, and an HTTP server on loopback with bad manners."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from engine.interpreter.effects import AnyEffect
from engine.interpreter.events import ServiceAnswered
from engine.language.loader import load
from engine.language.source import Source
from engine.language.vocabulary import PackTypes
from engine.nodes import catalogue
from engine.runtime.codec import encode
from engine.runtime.packs import LoadedPack
from engine.runtime.performer import Performer
from engine.runtime.store.rows import EffectRow, RecordRow
from engine.runtime.store.statements import EFFECTS, RECORDS
from engine.runtime.store.store import Store

NOW = 1_772_413_200_000_000
"""Monday 2026-03-02, 01:00 UTC."""
SECRET = "canary-9f8e7d6c5b4a"
LEAD, SILENT, ENGLISH = 11, 12, 13
RECORDS_OF_IT = {
    LEAD: {"company": "晨光", "mobile": "13900000002", "mail": "a@example.com", "budget": "1200.50", "grade": "hot"},
    SILENT: {"company": "静默"},
    ENGLISH: {"company": "North", "mail": "north@example.com", "language": "en", "grade": "hot"},
}

TEXTS = {
    "pack.yaml": """
pack: outside
language: zh
also: [en]
currency: CNY
time_zone: Asia/Shanghai
calendar: office
channels: {email: mailer, sms: texter, wecom: chat}
""",
    "calendars/office.yaml": "calendar: office\ntime_zone: Asia/Shanghai\nhours: {mon: [09:00-18:00]}\n",
    "people/org.yaml": """
organization: org
roles: {sales: {title: 销售}}
people:
  li_na: {name: 李娜, roles: [sales], manager: none, email: li.na@example.com, phone: 13800000001}
  tom: {name: Tom, roles: [sales], manager: none, language: en}
""",
    "forms/lead.yaml": """
form: lead
title: 线索
label: = company
fields:
  company: {type: text}
  mobile: {type: phone, country: CN}
  mail: {type: email}
  budget: {type: money}
  grade: {type: choice, of: {hot: 热, cold: 冷}}
  language: {type: choice, of: {zh: 中文, en: 英文}}
""",
    "texts/en.yaml": "texts: en\nforms/lead/grade/hot: Hot\nworkflows/care/call: Call them\n",
    "templates/hello.yaml": """
template: hello
for: lead
takes: {note: {type: text}}
via: [email]
zh:
  subject: "您好 {{ lead.company }}"
  body: "预算 {{ lead.budget | money }}，{{ lead.grade | title }}。{{ note }}"
en:
  subject: "Hello {{ lead.company }}"
  body: "Budget {{ lead.budget | money }}, {{ lead.grade | title }}. {{ note }}"
""",
    "workflows/care.yaml": """
workflow: care
case: lead
second_start: refuse
start: {new: {created: lead, next: call}}
nodes:
  call: {type: user_task, title: 打电话, assignee: starter, deadline: none, next: end}
""",
    "connections/sign.yaml": """
connection: sign
kind: http
base: http://localhost:{port}/v2
secret: SIGN_TOKEN
calls:
  make:
    post: /ok
    takes: {name: {type: text, required: yes}, amount: {type: money}}
    gives:
      envelope: {type: text, required: yes}
      pages: {type: number}
      fee: {type: money}
      state: {type: choice, of: {open: Open, shut: Shut}}
  find: {get: /query, takes: {name: {type: text}}, gives: {envelope: {type: text}}}
  away: {post: /away}
  huge: {post: /huge, gives: {envelope: {type: text}}}
  drip: {post: /drip, gives: {envelope: {type: text}}, timeout: 1 seconds}
  dripped_head: {post: /dripped-head, timeout: 1 seconds}
  echo:
    post: /echo
    takes: {answer: {type: text}, status: {type: number}}
    gives: {envelope: {type: text}, pages: {type: number}, state: {type: choice, of: {open: Open, shut: Shut}}}
  strict: {post: /echo, takes: {answer: {type: text}}, gives: {envelope: {type: text, required: yes}}}
""",
    "connections/inner.yaml": """
connection: inner
kind: http
base: http://127.0.0.1:{port}
calls: {make: {post: /ok}}
""",
    "connections/mailer.yaml": """
connection: mailer
kind: mail
host: localhost
port: 2525
sender: sales@example.com
""",
    "connections/texter.yaml": """
connection: texter
kind: python
callable: text_it
calls: {send: {takes: {to: {type: phone, required: yes}, body: {type: long_text, required: yes}}}}
""",
    "connections/chat.yaml": """
connection: chat
kind: python
callable: log_only
calls: {send: {takes: {to: {type: text, required: yes}, subject: {type: text}, body: {type: long_text, required: yes}}}}
""",
    "connections/tool.yaml": """
connection: tool
kind: python
callable: tool
calls: {run: {takes: {x: {type: number}}, gives: {y: {type: number}}}}
""",
}  # fmt: skip


@cache
def loaded(port: int) -> LoadedPack:
    pack = load([Source(path, text.replace("{port}", str(port))) for path, text in TEXTS.items()], catalogue())
    assert not pack.diagnostics
    return LoadedPack(pack, PackTypes(pack), 1)


class Outside:
    """One case about the lead LEAD; `do(effect)` performs an effect of it and gives what came back."""

    def __init__(self, store: Store, port: int = 9, **options: Any) -> None:
        self.store, self.loaded = store, loaded(port)
        self.answers: list[tuple[int, ServiceAnswered, str]] = []
        self.notes: list[tuple[str, dict[str, Any]]] = []
        options.setdefault("environ", {"SIGN_TOKEN": SECRET, "REMIT_ALLOW_PRIVATE_HOSTS": "localhost"})
        self.performer = Performer(
            store, lambda reader, id: self.loaded, lambda *a: self.answers.append(a), lambda *a: self.notes.append(a),
            clock=lambda: NOW, **options,
        )  # fmt: skip
        self.seq = 0
        with store.write() as transaction:
            for id, data in RECORDS_OF_IT.items():
                row = RecordRow(id, "lead", 1, json.dumps(data), None, None, None, NOW, NOW)
                if transaction.row(RECORDS, id) is None:
                    transaction.batch.put(RECORDS, row)
            self.case = transaction.open_case(workflow="care", definition_id=1, state="{}", record=("lead", LEAD)).id

    def add(self, effect: AnyEffect, state: int = 0) -> str:
        self.seq += 1
        with self.store.write() as transaction:
            row = EffectRow(self.case, self.seq, 0, type(effect).__name__, encode(effect), state)
            transaction.batch.put(EFFECTS, row)
        return f"{self.case}.{self.seq}.0"

    def ask(self, effect: AnyEffect) -> ServiceAnswered:
        self.performer(self.add(effect))
        event = self.answers[-1][1]
        assert msgspec.json.decode(msgspec.json.encode(event), type=ServiceAnswered) == event
        return event

    def tell(self, effect: AnyEffect) -> dict[str, Any]:
        self.performer(self.add(effect))
        note = self.notes[-1][1]
        assert msgspec.json.decode(msgspec.json.encode(note)) == note  # it is stored as JSON
        return note


class Server(BaseHTTPRequestHandler):
    """`/echo` answers with the text and status it was given; the other paths misbehave as they are called."""

    seen: list[tuple[str, str, Mapping[str, str], Any]] = []  # noqa: RUF012 - emptied by `serving`

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = json.loads(body) if body else None
        self.seen.append((self.command, self.path, dict(self.headers.items()), data))
        match self.path.split("?")[0].removeprefix("/v2"):
            case "/away":
                self._send(302, b"", ("Location", "http://169.254.169.254/latest/meta-data"))
            case "/huge":
                self._send(200, b'{"envelope": "' + b"x" * 1_100_000 + b'"}')
            case "/drip":
                self._drip(b"HTTP/1.1 200 OK\r\n\r\n", b'{"envelope": "x"}')
            case "/dripped-head":
                self._drip(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 200)
            case "/echo":
                self._send(int(data.get("status", 200)), data["answer"].encode())
            case _:
                self._send(200, b'{"envelope": "E-1", "pages": 3, "fee": 12.50, "state": "open", "more": [1]}')

    def _send(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _drip(self, at_once: bytes, slowly: bytes) -> None:
        try:
            self.wfile.write(at_once)
            for byte in slowly:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.2)
        except OSError:
            pass  # cut off, as it should be
        self.close_connection = True


@contextmanager
def serving() -> Iterator[int]:
    """The port of a running server."""
    Server.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
