"""listen: the app behind waitress until somebody stops it; then no new requests, and the running ones end."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from waitress.server import create_server

from designer_api.app import create_app
from engine.engine import Engine

THREADS = 32
MOST_BYTES_READ = 8_000_000
"""What waitress reads before it hangs up; the app refuses far less, with a problem that says so."""
log = structlog.get_logger("remit.server")


def listen(
    engine: Engine,
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    definitions: Path | None = None,
    drafts: Path | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Returns when SIGTERM or SIGINT came and running requests have ended; the caller then closes the engine (R53).

    Port 0 takes a free one. `ready` hears the address once requests are taken. `definitions` is where the
    pack came from, `drafts` the folder of drafts, by default beside the database. The engine must run its threads.
    """
    write_logs()
    server: Any = create_server(
        create_app(engine, drafts or drafts_beside(engine)),
        host=host,
        port=port,
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=True,
        max_request_body_size=MOST_BYTES_READ,
        channel_timeout=30,
    )
    with _Stopping():
        log.info("serving", host=server.effective_host, port=server.effective_port, definitions=str(definitions or ""))
        if ready is not None:
            ready(f"http://{_shown(server.effective_host)}:{server.effective_port}")
        try:
            server.run()  # ends the requests that are running before it returns
        finally:
            server.close()
            log.info("stopped")


def drafts_beside(engine: Engine) -> Path | None:
    """<database file>.drafts; in the working folder for a database server; None (in memory) for one in memory."""
    file = engine.store.file
    if file is not None:
        return Path(f"{file}.drafts")
    return None if engine.store.dialect.name == "sqlite" else Path("remit.drafts")


class _Stopping:
    """While it holds, SIGTERM and SIGINT end waitress's loop; a second one ends the process at once."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._stop)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)
        raise SystemExit(0)  # waitress takes it as the word to stop


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def write_logs() -> None:
    """JSON lines on standard error, so that standard output stays the command's own."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
