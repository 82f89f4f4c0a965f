"""Engines by the name voice files give them, imported when first asked for."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicepipe.engines.protocol import Engine

ENGINES: Mapping[str, str] = {
    "gpt-sovits": "voicepipe.engines.gpt_sovits.engine:GptSovitsEngine",
    "scratch": "voicepipe.engines.scratch.engine:ScratchEngine",
}
"""Name → `module:class`; the class takes no arguments, or has a `for_project(root)`."""
_LOADED: Mapping[str, Sequence[str]] = {
    ENGINES["gpt-sovits"]: (
        "voicepipe.engines.gpt_sovits.engine",
        "voicepipe.engines.gpt_sovits.renderer",
    ),
}
"""Modules that take seconds to load, for those engines that need some to sound."""


def modules_of(engines: Iterable[str]) -> tuple[str, ...]:
    """List what takes seconds to load and workers need.

    Args:
        engines: `module:class` of each that they may open.
    """
    return tuple(sorted({module for engine in engines for module in _LOADED.get(engine, ())}))


def engine_named(
    name: str, engines: Mapping[str, str] = ENGINES, *, root: Path | None = None
) -> Engine:
    """Make the planning half of an engine.

    Args:
        name: As voice files spell it.
        engines: Name → `module:class`, for projects and tests that bring their own.
        root: The project, for engines that read models and clips; None: the current folder.

    Raises:
        UsageError: No such engine; lists those there are.
    """
    path = engines.get(name)
    if path is None:
        known = ", ".join(sorted(engines))
        raise UsageError(f'there is no engine "{name}"', remedy=f"the engines are: {known}")
    return cast("Engine", made_by_name(path, root=root))


def made_by_name(path: str, *, root: Path | None = None) -> Any:  # noqa: ANN401 - whatever it is
    """Import a class and make one of it.

    Args:
        path: `module:class`; the class takes no arguments, or has a `for_project(root)`.
        root: The project; None: the current folder.

    Raises:
        ImportError: There is no such module.
        AttributeError: There is no such class in it.
    """
    module, _, attribute = path.partition(":")
    made = getattr(importlib.import_module(module), attribute)
    if hasattr(made, "for_project"):
        return made.for_project(Path.cwd() if root is None else root)
    return made()
