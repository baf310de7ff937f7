"""create_app: one Flask application around one engine. Nothing is global: a process may have as many as it likes."""

from __future__ import annotations

from pathlib import Path

from apiflask import APIFlask
from flask import request

from designer_api import (
    bodies,
    cases,
    definitions,
    deploying,
    envelope,
    health,
    incidents,
    messages,
    node_types,
    openapi,
    problems,
    records,
    served,
    tasks,
    tokens,
    workflows,
)
from designer_api.drafts import Drafts
from engine import __version__
from engine.engine import Engine

ROOMS = (health, definitions, node_types, deploying, workflows, records, tasks, cases, messages, incidents)


def create_app(engine: Engine, drafts: Path | None = None) -> APIFlask:
    """`drafts`: the folder that saved drafts are kept in; without one they live as long as the process."""
    app = APIFlask(
        __name__,
        title="remit",
        version=__version__,
        spec_path=openapi.SPEC_PATH,
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]  # None is Flask's word for none
        json_errors=False,
    )
    app.url_map.strict_slashes = False
    app.url_map.redirect_defaults = False
    bodies.install(app)
    openapi.configure(app)
    served.hold(app, served.Served(engine, Drafts(drafts)))
    envelope.install(app)
    problems.register(app)

    @app.before_request
    def gate() -> None:
        """The order matters: who asks comes before what is asked, and both before anything is looked up."""
        envelope.begin()
        tokens.look_at(engine)
        if request.endpoint is not None:
            bodies.guard()
            bodies.only_known(app.view_functions[request.endpoint])

    for room in ROOMS:
        app.register_blueprint(room.bp)
    return app
