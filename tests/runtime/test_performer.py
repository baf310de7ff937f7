"""Effects carried out: services over a real loopback server, callables, mail at smtplib's edge, notices by channel."""

from __future__ import annotations

import json
import logging
import smtplib
import time
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from engine.interpreter.effects import AskOutside, CallService, Notify
from engine.interpreter.events import ServiceAnswered
from engine.runtime.connections import mail, python
from engine.runtime.connections.http import Target
from engine.runtime.connections.line import Forbidden, Line, is_public
from engine.runtime.connections.masking import masked
from engine.runtime.performer import NotDelivered, Performer
from engine.runtime.services import Canned
from engine.runtime.store.errors import Refused
from engine.runtime.store.store import Store
from tests.runtime.outside_world import ENGLISH, LEAD, NOW, SECRET, SILENT, Outside, Server, serving


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """One for all: each test has a case of its own in it."""
    store = Store.open("sqlite://", clock=lambda: NOW)
    yield store
    store.close()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving() as number:
        yield number


@pytest.fixture
def outside(store: Store, port: int) -> Outside:
    Server.seen.clear()
    return Outside(store, port)


def make(call: str = "make", give: dict[str, Any] | None = None, connection: str = "sign") -> CallService:
    return CallService(5, connection, call, {"name": "N"} if give is None else give, 1, "900.5")


# ---- http


def test_a_call_carries_the_key_and_the_secret_and_gives_what_is_declared(outside: Outside, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    answered = outside.ask(make(give={"name": "晨光", "amount": "12.50"}))
    assert answered == ServiceAnswered(5, True, {"envelope": "E-1", "pages": 3, "fee": "12.50", "state": "open"})
    method, path, headers, body = Server.seen[-1]
    assert (method, path, body) == ("POST", "/v2/ok", {"name": "晨光", "amount": "12.50"})
    assert headers["Idempotency-Key"] == "900.5"
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert headers["Host"].startswith("localhost:")
    assert "'more'" in caplog.text
    assert SECRET not in caplog.text
    assert "晨光" not in caplog.text


def test_every_attempt_has_the_key_of_the_first(outside: Outside) -> None:
    effect = outside.add(make())
    outside.performer(effect)
    outside.performer(effect)  # the process died before the answer was committed
    assert [headers["Idempotency-Key"] for _, _, headers, _ in Server.seen] == ["900.5", "900.5"]


def test_what_is_done_is_not_done_again(outside: Outside) -> None:
    outside.performer(outside.add(make(), state=1))
    outside.performer(outside.add(AskOutside(5, "topic"), state=0))
    outside.performer("1.1.0")
    assert Server.seen == []
    assert outside.answers == []


def test_a_get_sends_a_query(outside: Outside) -> None:
    assert outside.ask(make("find", {"name": "a&b=c"})).ok
    assert Server.seen[-1][1] == "/v2/query?name=a%26b%3Dc"


@pytest.mark.parametrize(
    ("status", "final"),
    [(400, True), (401, True), (404, True), (409, True), (422, True), (408, False), (425, False), (429, False),
     (500, False), (502, False), (503, False)],
)  # fmt: skip
def test_which_statuses_are_final(outside: Outside, status: int, final: bool) -> None:
    answered = outside.ask(make("echo", {"answer": f"body with {SECRET}", "status": status}))
    assert (answered.ok, answered.final) == (False, final)
    assert answered.error == f"http-{status}: sign.echo answered {status}"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ('{"envelope": 5}', "wrong-answer: 'envelope' of sign.echo: a text is wanted"),
        ('{"pages": "many"}', "wrong-answer: 'pages' of sign.echo: a number is wanted"),
        ('{"state": "melted"}', "wrong-answer: 'state' of sign.echo: one of open, shut is wanted"),
        ('{"pages": 1e999999999}', "wrong-answer: sign.echo answered no JSON"),
        ('{"pages": NaN}', "wrong-answer: sign.echo answered no JSON"),
        ("[1]", "wrong-answer: sign.echo gave no object with names"),
        ("<html>", "wrong-answer: sign.echo answered no JSON"),
        ("[" * 100_000, "wrong-answer: sign.echo answered no JSON"),
    ],
)
def test_an_answer_of_another_type_is_a_failure(outside: Outside, body: str, error: str) -> None:
    answered = outside.ask(make("echo", {"answer": body}))
    assert not answered.ok
    assert not answered.final
    assert answered.error.startswith(error)


@pytest.mark.parametrize("body", ["", "{}", '{"envelope": null}', '{"envelope": ""}'])
def test_an_answer_without_what_is_required_is_a_failure(outside: Outside, body: str) -> None:
    assert outside.ask(make("strict", {"answer": body})).error == "wrong-answer: sign.strict gave no 'envelope'"


def test_a_redirect_is_not_followed(outside: Outside) -> None:
    answered = outside.ask(make("away", {}))
    assert answered.error == "http-302: sign.away redirects, and calls follow no redirect"
    assert len(Server.seen) == 1


def test_an_answer_has_a_greatest_size(outside: Outside) -> None:
    assert outside.ask(make("huge", {})).error.startswith("too-large:")


@pytest.mark.parametrize("call", ["drip", "dripped_head"])
def test_a_slow_drip_is_cut_off(outside: Outside, call: str) -> None:
    begun = time.monotonic()
    answered = outside.ask(make(call, {}))
    assert answered.error == f"timeout: sign.{call} did not answer in time"
    assert not answered.final
    assert time.monotonic() - begun < 2.5


def test_nobody_there_may_be_tried_again(store: Store) -> None:
    with serving() as port:
        pass
    answered = Outside(store, port).ask(make())
    assert (answered.ok, answered.final) == (False, False)
    assert answered.error.startswith("unreachable:")


@pytest.mark.parametrize(
    ("effect", "error"),
    [
        (make(connection="nothing"), "unknown-connection"),
        (make("nothing"), "unknown-call"),
        (make(give={}), "missing-value: 'name' of sign.make is required and empty"),
    ],
)
def test_a_call_that_cannot_work_fails_for_good(outside: Outside, effect: CallService, error: str) -> None:
    answered = outside.ask(effect)
    assert answered.error.startswith(error)
    assert answered.final
    assert Server.seen == []


def test_a_missing_secret_is_named_and_nothing_is_sent(store: Store, port: int) -> None:
    Server.seen.clear()
    answered = Outside(store, port, environ={"REMIT_ALLOW_PRIVATE_HOSTS": "localhost"}).ask(make())
    assert answered.error == "bad-connection: sign.make: the environment has no SIGN_TOKEN"
    assert answered.final
    assert Server.seen == []


# ---- where a call may go


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_no_call_goes_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_a_call_may_go_to(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "017700000001", "127.1", "localhost", "::1"])
def test_a_private_host_in_any_spelling_is_forbidden(host: str) -> None:
    with pytest.raises(Forbidden):
        Line(frozenset()).addresses(host, 80)


def test_a_private_host_is_refused_before_anything_is_sent(outside: Outside) -> None:
    answered = outside.ask(make(connection="inner"))
    assert answered.error.startswith("forbidden-host: 127.0.0.1 is at a private address")
    assert answered.final
    assert Server.seen == []


def test_the_address_that_is_connected_to_is_checked(monkeypatch: Any, store: Store, port: int) -> None:
    """DNS rebinding: the look-up was content, the socket ends at a private address all the same."""
    Server.seen.clear()
    monkeypatch.setattr(Line, "addresses", lambda self, host, port: ["127.0.0.1"])
    answered = Outside(store, port, environ={"SIGN_TOKEN": SECRET}).ask(make(connection="inner"))
    assert answered.error.startswith("forbidden-host")
    assert Server.seen == []


def test_a_secret_goes_by_https_only(store: Store, port: int) -> None:
    answered = Outside(store, port, environ={"SIGN_TOKEN": SECRET}).ask(make())
    assert answered.error == "bad-connection: sign.make: a secret goes by https only"


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("file:///etc/passwd", "/"), ("gopher://example.com", "/"), ("https://", "/x"),
        ("https://a:b@example.com", "/x"), ("https://example.com", "@evil.example/x"),
        ("https://example.com", "/x y"), ("https://example.com", "/x\r\nHost: e"),
        ("https://example.com?a=b", "/x"), ("https://example.com:99999", "/x"),
    ],
)  # fmt: skip
def test_a_base_that_is_no_host_is_refused(base: str, path: str) -> None:
    with pytest.raises(ValueError, match=r"base|path|[Pp]ort"):
        Target.of(base, path)


def test_a_path_stays_at_its_host() -> None:
    assert Target.of("https://example.com/v2/", "//evil.example/x") == (
        "https",
        "example.com",
        443,
        "/v2//evil.example/x",
    )


# ---- python


def raising(error: Exception) -> Callable[..., Any]:
    def fail(call: str, give: Any, key: str) -> Any:
        raise error

    return fail


def tool(store: Store, function: Callable[..., Any]) -> ServiceAnswered:
    return Outside(store, services={"tool": function}).ask(make("run", {"x": 2}, "tool"))


def test_a_callable_gets_call_values_and_key(store: Store) -> None:
    asked: list[Any] = []
    answered = tool(store, lambda call, give, key: asked.append((call, give, key)) or {"y": 4, "z": 1})
    assert answered == ServiceAnswered(5, True, {"y": 4})
    assert asked == [("run", {"x": 2}, "900.5")]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (raising(ValueError(f"no, not with {SECRET}")), "ValueError: no, not with ***"),
        (raising(OSError("https://me:pw@example.com?token=abc&x=1")), "OSError: https://***example.com?token=***&x=1"),
        (raising(RuntimeError("x" * 2000)), "RuntimeError: " + "x" * 486),
        (lambda call, give, key: {"y": 1.5}, "wrong-answer: 'y' of tool.run: float is no value of the language"),
        (lambda call, give, key: [1], "wrong-answer: tool.run gave no object with names"),
    ],
)  # fmt: skip
def test_what_a_callable_does_wrong_is_a_failed_attempt(store: Store, function: Any, error: str) -> None:
    answered = tool(store, function)
    assert answered == ServiceAnswered(5, False, {}, error, False)


def test_a_callable_that_hangs_is_left_behind(store: Store) -> None:
    outside = Outside(store, services={"tool": lambda call, give, key: time.sleep(30)})
    outside.performer.services._seconds = 0.1  # type: ignore[attr-defined]
    assert outside.ask(make("run", {}, "tool")).error == "timeout: tool.run: no answer within 0.1 seconds"


def test_a_name_that_nobody_registered_is_no_module(store: Store) -> None:
    answered = Outside(store).ask(make("run", {}, "tool"))
    assert answered.error == "bad-connection: tool.run: no callable is registered as tool"
    assert answered.final


def test_installed_packages_register_callables_too(store: Store, monkeypatch: Any) -> None:
    installed = {
        name: EntryPoint(name, value, python.GROUP)
        for name, value in (("tool", "json:dumps"), ("log_only", "json:dumps"), ("broken", "no_such_module:x"))
    }
    monkeypatch.setattr(python, "_installed", lambda: installed)
    registry = python.Registry()
    assert registry.find("tool") is json.dumps
    assert registry.find("log_only") is python.log_only  # no package replaces it
    with pytest.raises(ImportError, match="broken"):
        registry.find("broken")
    assert (
        Outside(store, services={"tool": lambda *a: {"y": 1}}).ask(make("run", {}, "tool")).ok
    )  # the program's own wins


def test_masking_leaves_the_rest() -> None:
    said = masked("Authorization: Bearer abc.def, password=hunter2; secretary: Ann", ["hunter"])
    assert "abc" not in said
    assert "hunter" not in said
    assert "secretary: Ann" in said


# ---- mail, with smtplib's edge replaced


class Relay:
    """What a relay would get. `answer`: an exception that it answers with."""

    sent: list[Any] = []  # noqa: RUF012 - emptied by the fixture
    answer: Exception | None = None

    def __init__(self, line: Line) -> None: ...
    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *error: object) -> None: ...
    def connect(self, host: str, port: int) -> None:
        assert (host, port) == ("localhost", 2525)

    def ehlo(self) -> None: ...
    def has_extn(self, name: str) -> bool:
        return False

    def send_message(self, message: Any) -> None:
        if self.answer is not None:
            raise self.answer
        self.sent.append(message)


@pytest.fixture
def relay(monkeypatch: Any) -> type[Relay]:
    Relay.sent.clear()
    Relay.answer = None
    monkeypatch.setattr(mail, "_Plain", Relay)
    return Relay


def send(outside: Outside, to: str = "a@example.com", subject: str = "Hi") -> ServiceAnswered:
    return outside.ask(make("send", {"to": to, "subject": subject, "body": "您好\n.\n"}, "mailer"))


def test_a_mail_has_a_message_id_made_of_the_key(outside: Outside, relay: type[Relay]) -> None:
    assert send(outside).ok
    message = relay.sent[-1]
    assert message["Message-ID"] == "<900.5@example.com>"
    assert (message["To"], message["From"], message["Subject"]) == ("a@example.com", "sales@example.com", "Hi")
    assert message.get_content().splitlines() == ["您好", "."]


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("a@example.com\r\nBcc: all@example.com", "Hi"), ("a@example.com", "Hi\nBcc: all@example.com"),
        ("a@example.com, b@example.com", "Hi"), ("Ann <a@example.com>", "Hi"), ("nobody", "Hi"), ("", "Hi"),
        ("a@example.com", "Hi\x00"), ("a@example.com", "Hi\u2028Bcc: x"), ("a@", "Hi"),
    ],
)  # fmt: skip
def test_what_would_break_out_of_a_header_is_refused(
    outside: Outside, relay: type[Relay], to: str, subject: str
) -> None:
    answered = send(outside, to, subject)
    assert answered.error.startswith("bad-header")
    assert answered.final
    assert relay.sent == []


@pytest.mark.parametrize(
    ("answer", "error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such user")}), "refused-address", True),
        (smtplib.SMTPRecipientsRefused({"a": (451, b"later")}), "refused-address", False),
        (smtplib.SMTPDataError(554, b"spam"), "smtp-554", True),
        (smtplib.SMTPDataError(421, b"later"), "smtp-421", False),
        (smtplib.SMTPServerDisconnected("gone"), "unreachable", False),
        (TimeoutError(), "timeout", False),
    ],
)
def test_what_a_relay_says_no_to(
    outside: Outside, relay: type[Relay], answer: Exception, error: str, final: bool
) -> None:
    relay.answer = answer
    answered = send(outside)
    assert answered.error.startswith(error)
    assert answered.final is final


# ---- notices


def tell(to: str, *via: str, template: str = "hello") -> Notify:
    return Notify(to, template, via, {"note": "{{ lead.budget }}"}, ("lead", LEAD), False, "greet")


ZH = ("您好 晨光", "预算 ¥1,200.50，热。{{ lead.budget }}")
EN = ("Hello 晨光", "Budget ¥1,200.50, Hot. {{ lead.budget }}")


@pytest.mark.parametrize(
    ("to", "via", "by", "address", "words"),
    [
        ("person:li_na", ("app",), "app", "li_na", ZH),
        ("person:li_na", ("email", "app"), "email", "li.na@example.com", ZH),
        ("person:tom", ("email", "sms", "app"), "app", "tom", EN),
        ("person:li_na", ("sms",), "sms", "13800000001", ZH),
        ("person:li_na", ("fax", "wecom"), "wecom", "13800000001", ZH),
        (f"lead:{LEAD}", ("app", "sms", "email"), "sms", "13900000002", ZH),
        (f"lead:{LEAD}", ("email",), "email", "a@example.com", ZH),
        (f"lead:{ENGLISH}", ("sms", "email"), "email", "north@example.com", EN),
    ],
)  # fmt: skip
def test_a_notice_goes_by_the_first_channel_that_reaches(
    store: Store, to: str, via: tuple[str, ...], by: str, address: str, words: tuple[str, str]
) -> None:
    canned = Canned()
    told = Outside(store, services=canned).tell(tell(to, *via))
    assert (told["via"], told["to"]) == (by, address)
    assert (told["subject"], told["body"]) == words
    assert told["undeliverable"] is False
    assert [give["to"] for _, give, _ in canned.sent] == ([] if by == "app" else [address])


@pytest.mark.parametrize(
    ("to", "via", "why"),
    [
        (f"lead:{SILENT}", ("email", "sms"), "no-address"), (f"lead:{LEAD}", ("app",), "no-address"),
        ("person:tom", ("email",), "no-address"), ("person:nobody", ("app",), "unknown-receiver"),
        ("lead:999", ("sms",), "unknown-receiver"), ("person:li_na", ("fax",), "no-address"),
    ],
)  # fmt: skip
def test_whoever_cannot_be_reached_is_noted(outside: Outside, to: str, via: tuple[str, ...], why: str) -> None:
    told = outside.tell(tell(to, *via))
    assert told["undeliverable"] is True
    assert (told["via"], told["why"]) == (None, why)


def test_a_channel_that_says_never_is_passed_over(outside: Outside, relay: type[Relay]) -> None:
    relay.answer = smtplib.SMTPRecipientsRefused({"a": (550, b"no")})
    assert outside.tell(tell("person:li_na", "email", "wecom"))["via"] == "wecom"
    told = outside.tell(tell("person:li_na", "email"))
    assert (told["undeliverable"], told["why"]) == (True, "refused-address: mailer.send does not take the address")


def test_a_channel_that_fails_for_now_is_tried_again_with_the_same_key(store: Store) -> None:
    keys: list[str] = []

    def text_it(call: str, give: Any, key: str) -> dict[str, Any]:
        keys.append(key)
        assert set(give) == {"to", "body"}  # it takes no subject
        if len(keys) == 1:
            raise OSError("down")
        return {}

    outside = Outside(store, services={"text_it": text_it})
    effect = outside.add(tell("person:li_na", "sms"))
    with pytest.raises(NotDelivered, match="sms: OSError: down"):
        outside.performer(effect)
    assert outside.notes == []
    outside.performer(effect)
    assert outside.notes[-1][1]["via"] == "sms"
    assert keys == [effect, effect]


@pytest.mark.parametrize(
    ("person", "subject", "body"),
    [
        ("li_na", "提醒：打电话", "任务“打电话”还在等您处理（晨光）。"),
        ("tom", "Reminder: Call them", "The task 'Call them' is still waiting for you (晨光)."),
    ],
)
def test_a_reminder_has_a_text_of_its_own(outside: Outside, person: str, subject: str, body: str) -> None:
    told = outside.tell(Notify(f"person:{person}", "", ("app",), {"what": "reminder"}, ("lead", LEAD), node="call"))
    assert (told["via"], told["subject"], told["body"]) == ("app", subject, body)


def test_log_only_sends_nothing_and_says_so_without_the_text(outside: Outside, caplog: Any) -> None:
    caplog.set_level(logging.INFO)
    assert outside.tell(tell("person:li_na", "wecom"))["via"] == "wecom"
    assert "nothing was sent" in caplog.text
    assert "晨光" not in caplog.text


# ---- answers


def test_an_answer_that_nobody_awaits_is_noted_and_not_asked_again(outside: Outside) -> None:
    def late(case: int, event: ServiceAnswered, effect: str) -> None:
        raise Refused(409, "late")

    outside.performer = Performer(
        outside.store, lambda reader, id: outside.loaded, late, lambda *a: outside.notes.append(a), services=Canned()
    )
    effect = outside.add(make())
    outside.performer(effect)
    assert outside.notes == [(effect, {"late": True})]


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        ({"exit": "done", "gives": {"envelope": "E"}}, ServiceAnswered(5, True, {"envelope": "E"})),
        ({"exit": "failed"}, ServiceAnswered(5, False, {}, "canned: the scenario says so", True)),
        ({"exit": "failed", "error": "no"}, ServiceAnswered(5, False, {}, "canned: no", True)),
    ],
)
def test_canned_answers(store: Store, answer: dict[str, Any], event: ServiceAnswered) -> None:
    canned = Canned({"sign.make": answer})
    assert Outside(store, services=canned).ask(make()) == event
    assert canned.sent == [("sign.make", {"name": "N"}, "900.5")]


def test_canned_answers_are_checked(store: Store) -> None:
    with pytest.raises(ValueError, match=r"sign\.make"):
        Canned({"sign.make": {"exit": "maybe"}})
    outside = Outside(store, services=Canned({"sign.make": {"exit": "done", "gives": {}}}))
    assert outside.ask(make()).error == "wrong-answer: sign.make gave no 'envelope'"
    assert outside.ask(make(give={})).error == "missing-value: 'name' of sign.make is required and empty"
    assert outside.ask(make("away", {})).error == "no-canned-answer: write services: {sign.away: {exit: done}}"


def test_nothing_that_is_kept_or_logged_has_the_secret(outside: Outside, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    for call, give in (("echo", {"answer": SECRET}), ("away", {}), ("huge", {}), ("make", {"name": "N"})):
        outside.ask(make(call, give))
    kept = json.dumps([[event.error, event.gives] for _, event, _ in outside.answers])
    assert SECRET not in kept
    assert SECRET not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("engine"))
