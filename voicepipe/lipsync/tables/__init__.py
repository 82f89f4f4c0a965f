"""Data files of lip-sync, read once each.

`sounds.json` says which mouth sounds each phoneme of a language is made of; the others say how a
set of mouths shows each sound.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def table(name: str) -> Mapping[str, Any]:
    """Read a table shipped with the package.

    Args:
        name: File name without `.json`.

    Returns:
        The parsed object; shared by all callers, so never to be changed.
    """
    content: dict[str, Any] = orjson.loads(files(__name__).joinpath(f"{name}.json").read_bytes())
    return content
