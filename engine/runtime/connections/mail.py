"""Connections of `kind: mail`: one e-mail a `send` over SMTP, its Message-ID made from the key.

A relay keeps no keys, so a mail may arrive twice when a process dies between sending and noting it; both have the same
Message-ID, and most readers show one.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import socket
import ssl
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as LINES
from email.utils import format_datetime
from typing import Any

from engine.language.kinds.connection import Connection
from engine.runtime.connections.line import Forbidden, Line, Unreachable
from engine.runtime.connections.reply import Reply, failed

TLS_FROM_THE_START = 465
SUBMISSION = 587


class Unsendable(ValueError):
    """Something in a header that would break out of it, or an address that is none."""


def message_of(sender: str, to: str, subject: str, body: str, key: str, now: dt.datetime) -> EmailMessage:
    """The mail. Raises Unsendable: a line break in an address, subject or key is refused, not cut out."""
    for what, text in (("sender", sender), ("to", to), ("subject", subject), ("key", key)):
        if any(ord(c) < 32 or c in "\x7f\x85\u2028\u2029" for c in text):
            raise Unsendable(f"a line break or control character in the {what}")
    try:
        from_, reader = Address(addr_spec=sender), Address(addr_spec=to)
    except Exception:
        raise Unsendable("an address that is none") from None
    if not (from_.domain and reader.domain and from_.username and reader.username):
        raise Unsendable("an address that is none")
    message = EmailMessage(policy=LINES)
    message["From"], message["To"], message["Subject"] = from_, reader, subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{key}@{from_.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, cte="base64" if not body.isascii() else None)
    return message


def send_mail(
    connection: Connection, give: Mapping[str, Any], key: str, *, secret: str | None, line: Line, now: dt.datetime
) -> Reply:
    """One attempt. With a secret it logs in as the sender, and only after TLS."""
    name = f"{connection.name}.send"
    if not connection.host or not connection.sender:
        return failed("bad-connection", f"{name}: mail needs host and sender", final=True)
    try:
        to, subject, body = (str(give.get(field) or "") for field in ("to", "subject", "body"))
        message = message_of(str(connection.sender), to, subject, body, key, now)
    except Unsendable as error:
        return failed("bad-header", f"{name}: {error}", final=True)
    try:
        with line:
            _send(connection, message, secret, line)
    except Forbidden as error:
        return failed("forbidden-host", str(error), final=True)
    except Unreachable as error:
        return failed("timeout" if line.timed_out else "unreachable", f"{name}: {error}")
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return failed("refused-address", f"{name} does not take the address", final=all(code >= 500 for code in codes))
    except smtplib.SMTPResponseException as error:
        return failed(f"smtp-{error.smtp_code}", f"{name} answered {error.smtp_code}", final=error.smtp_code >= 500)
    except smtplib.SMTPNotSupportedError:
        return failed("bad-connection", f"{name} offers no TLS or no log-in, and a secret needs both", final=True)
    except (smtplib.SMTPException, OSError) as error:
        if line.timed_out or isinstance(error, TimeoutError):
            return failed("timeout", f"{name} did not answer in time")
        return failed("unreachable", f"{name}: {type(error).__name__}")
    return Reply(True)


def _send(connection: Connection, message: EmailMessage, secret: str | None, line: Line) -> None:
    port = connection.port or SUBMISSION
    trust = ssl.create_default_context()
    smtp: smtplib.SMTP = _Tls(line, trust) if port == TLS_FROM_THE_START else _Plain(line)
    with smtp:
        smtp.connect(str(connection.host), port)
        smtp.ehlo()
        if port != TLS_FROM_THE_START and (secret is not None or smtp.has_extn("starttls")):
            smtp.starttls(context=trust)
            smtp.ehlo()
        if secret is not None:
            smtp.login(str(connection.sender), secret)
        smtp.send_message(message)


class _Plain(smtplib.SMTP):
    def __init__(self, line: Line) -> None:
        super().__init__(timeout=line.left())
        self._line = line

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return _dial(self._line, host, port)


class _Tls(smtplib.SMTP_SSL):
    def __init__(self, line: Line, trust: ssl.SSLContext) -> None:
        super().__init__(timeout=line.left(), context=trust)
        self._line = line
        self._trust: ssl.SSLContext = trust

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._trust.wrap_socket(_dial(self._line, host, port), server_hostname=host)


def _dial(line: Line, host: str, port: int) -> socket.socket:
    def dial(address: str) -> socket.socket:
        return socket.create_connection((address, port), line.left())

    return line.connect(host, port, dial, lambda opened: opened)
