"""What one app serves: its engine and its drafts. Held by the app, so two apps in one process share nothing."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, current_app

from designer_api.drafts import Drafts
from engine.engine import Engine

_NAME = "remit"


@dataclass(frozen=True)
class Served:
    engine: Engine
    drafts: Drafts


def hold(app: Flask, served: Served) -> None:
    app.extensions[_NAME] = served


def engine() -> Engine:
    """The engine of the app that handles this request."""
    served: Served = current_app.extensions[_NAME]
    return served.engine


def drafts() -> Drafts:
    served: Served = current_app.extensions[_NAME]
    return served.drafts
