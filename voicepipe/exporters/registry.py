"""Exporters by the name that `target:` gives them, imported when first asked for.

Beside the built-in ones stand those of installed packages: entry points of the group
`voicepipe.exporters`. A project cannot bring code of its own.
"""

from __future__ import annotations

import importlib
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, cast

from voicepipe.diagnostics import did_you_mean
from voicepipe.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.exporters.protocol import Exporter

GROUP: Final = "voicepipe.exporters"
EXPORTERS: Final[Mapping[str, str]] = {
    "fmod": "voicepipe.exporters.fmod:FmodExporter",
    "generic": "voicepipe.exporters.generic:GenericExporter",
    "godot": "voicepipe.exporters.godot:GodotExporter",
    "ink": "voicepipe.exporters.ink:InkExporter",
    "renpy": "voicepipe.exporters.renpy:RenpyExporter",
    "unity": "voicepipe.exporters.unity:UnityExporter",
    "unreal": "voicepipe.exporters.unreal:UnrealExporter",
    "wwise": "voicepipe.exporters.wwise:WwiseExporter",
    "yarn": "voicepipe.exporters.yarn:YarnExporter",
}
"""Name → `module:class`; the class takes no arguments."""


def known_exporters(exporters: Mapping[str, str] = EXPORTERS) -> dict[str, str]:
    """Give every name there is, with its `module:class`; a built-in one wins over a package's."""
    installed = {point.name: point.value for point in entry_points(group=GROUP)}
    return {**installed, **exporters}


def exporter_named(name: str, exporters: Mapping[str, str] = EXPORTERS) -> Exporter:
    """Make an exporter.

    Args:
        name: As `target:` spells it.
        exporters: Name → `module:class`, for tests that bring their own.

    Raises:
        UsageError: No such target; lists those there are.
    """
    path = exporters.get(name) or known_exporters(exporters).get(name)
    if path is None:
        known = sorted(known_exporters(exporters))
        raise UsageError(
            f'there is no target "{name[:80]}"{did_you_mean(name, known)}',
            remedy=f"the targets are: {', '.join(known)}",
        )
    module, _, attribute = path.partition(":")
    return cast("Exporter", getattr(importlib.import_module(module), attribute)())
