"""Analysers by name, imported when first asked for, in the order in which they listen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from voicepipe.engines.registry import made_by_name
from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from voicepipe.qc.analyser import Analyser

ANALYSER_PATHS: Final[Mapping[str, str]] = {
    "signal": "voicepipe.qc.signal:SignalAnalyser",
    "intelligibility": "voicepipe.qc.intelligibility:IntelligibilityAnalyser",
    "speaker": "voicepipe.qc.speaker:SpeakerAnalyser",
    "naturalness": "voicepipe.qc.naturalness:NaturalnessAnalyser",
}
"""Name → `module:class`; the class takes no arguments, or has a `for_project(root)`."""


def analysers_named(
    names: Iterable[str],
    *,
    root: Path | None = None,
    paths: Mapping[str, str] = ANALYSER_PATHS,
) -> tuple[Analyser, ...]:
    """Make analysers; none loads a model yet.

    Args:
        names: Of those that are asked for.
        root: The project, for analysers that read its models; None: the current folder.
        paths: Name → `module:class`, for tests that bring their own.

    Returns:
        In the order of `paths`.

    Raises:
        EnvironmentFault: One does not load.
    """
    wanted = set(names)
    return tuple(_made(path, root) for name, path in paths.items() if name in wanted)


def _made(path: str, root: Path | None) -> Analyser:
    try:
        return cast("Analyser", made_by_name(path, root=root))
    except (ImportError, AttributeError) as error:
        message = f'the analyser "{path}" does not load: {error}'
        raise EnvironmentFault(message, remedy="install voicepipe again") from error
