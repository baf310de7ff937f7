"""Cases, events and effects as stored text, and back. The only place that knows how they look in the database."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.interpreter.effects import AnyEffect
from engine.interpreter.events import AnyEvent
from engine.interpreter.instance import Instance


def plain_text(value: Any) -> str:
    """A name that knows its place (Word) is stored as the text that it is."""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be stored")


_encoder = msgspec.json.Encoder(enc_hook=plain_text)
_case = msgspec.json.Decoder(Instance)
_events = msgspec.json.Decoder(list[AnyEvent])
_effect = msgspec.json.Decoder(AnyEffect)


def encode(value: Any) -> str:
    return _encoder.encode(value).decode()


def decode_case(state: str) -> Instance:
    return _case.decode(state)


def decode_events(text: str) -> list[AnyEvent]:
    """The events of one step, the outside one first."""
    return _events.decode(text)


def decode_effect(text: str) -> AnyEffect:
    return _effect.decode(text)
