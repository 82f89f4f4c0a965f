"""Tables of data that a package of ours ships as JSON, read once each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def shipped_table(package: str, name: str) -> Mapping[str, Any]:
    """Read a table that lies in a package.

    Args:
        package: Import name, such as `voicepipe.text.tables`.
        name: File name without `.json`.

    Returns:
        The parsed object; shared by all callers, so never to be changed.
    """
    content: dict[str, Any] = orjson.loads(files(package).joinpath(f"{name}.json").read_bytes())
    return content
