"""Unsaved texts laid over the definitions in force: by path, and by the kind and name that a text begins with.

The result is a whole pack as {path: text}, so the one validator sees what a deployment would see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from designer_api.drafts import Key
from engine.language.pack import FOLDERS, KINDS, Pack

_FIRST = re.compile(r"^([a-z_]+):[ \t]+['\"]?([a-z][a-z0-9_]*)['\"]?[ \t]*(?:#.*)?$")


def key_of(text: str) -> Key | None:
    """The kind and name of a definition's first key, also when the rest is broken; None when it cannot be told."""
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#") and line.strip() != "---":
            found = _FIRST.match(line)
            return (found[1], found[2]) if found and found[1] in KINDS else None
    return None


def path_of(pack: Pack, key: Key) -> str:
    """Where a definition is written: the path that it has, else the one of its kind's folder in the pack."""
    definition = pack.definitions.get(key)
    if definition is not None:
        return definition.path
    root = pack.root.path if pack.root is not None else "pack.yaml"
    top = root[: -len("pack.yaml")] if root.endswith("pack.yaml") else ""
    kind, name = key
    if kind == "pack":
        return root
    return f"{top}{FOLDERS[kind]}/{name}{'.scenarios' if kind == 'scenarios' else ''}.yaml"


def laid_over(pack: Pack, texts: Mapping[str, str], remove: Iterable[Key] = ()) -> dict[str, str]:
    """The pack's texts with `texts` ({path: text}) in the place of those they replace, and `remove` left out."""
    found = {path: source.text for path, source in pack.sources.items()}
    for key in remove:
        if key in pack.definitions:
            found.pop(pack.definitions[key].path, None)
    for path, text in texts.items():
        for old in _replaced(pack, path, key_of(text)):
            found.pop(old, None)
    return {**found, **texts}


def _replaced(pack: Pack, path: str, key: Key | None) -> list[str]:
    if key is not None and key[0] == "pack":
        return [d.path for (kind, _), d in pack.definitions.items() if kind == "pack"]
    if key is not None:
        return [pack.definitions[key].path] if key in pack.definitions else []
    ending = "/".join(path.replace("\\", "/").split("/")[-2:])
    return [old for old in pack.sources if old == ending or old.endswith(f"/{ending}")]
