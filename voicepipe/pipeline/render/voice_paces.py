"""How fast each voice speaks a language, by what it has said and by its reference clips."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.clip_requests import ClipRequest
    from voicepipe.synthesis.request import SynthesisRequest

    Key = tuple[str, str]
    """Voice and language."""

_USUAL: Final = {"zh": 1.44, "yue": 1.44, "en": 1.22, "ja": 1.09}
"""By language: seconds of speech to a second of what `Engine.cost` of a cloned voice estimates.
Medians of the bundled film's clips."""
_USUAL_ELSEWHERE: Final = 1.2
_DOUBT: Final = 3
"""So many clips of a voice weigh as much as what is usual."""
_REFERENCE: Final = 5
"""A reference clip tells as much as so many rendered ones: a cloned voice keeps two thirds of how
much faster or slower than usual its recording is."""


def usual_speech_s(engine: str, language: str, cost_s: float) -> float:
    """Give the seconds a line is likely to speak, whatever its voice has said before.

    Args:
        engine: Its engine's name.
        language: Of the line.
        cost_s: What its engine estimates, before it is fitted.
    """
    if engine != "gpt-sovits":
        return cost_s
    base = language.partition("-")[0]
    return cost_s * _USUAL.get(base, _USUAL_ELSEWHERE)


def learned_paces(
    project: Project,
    wanted: Mapping[tuple[str, str], ClipRequest],
    heard: Mapping[tuple[str, str], float],
) -> dict[Key, float]:
    """Learn each voice's pace in a language: seconds of speech to a second of `Engine.cost`.

    Args:
        project: Read and valid.
        wanted: (line, language) → its clip.
        heard: (line, language) → the seconds it spoke at its own pace.
    """
    said: dict[Key, list[tuple[float, float, float]]] = defaultdict(list)
    for key, clip_request in _first_of_each(wanted.values()).items():
        said[key] += _REFERENCE * [*_of_references(project, clip_request)]
    for (line, language), heard_s in heard.items():
        clip_request = wanted[line, language]
        clip, cost_s = clip_request.clip, clip_request.cost_s
        if clip_request.engine is not None:
            figures = heard_s, cost_s, usual_speech_s(clip.engine, language, cost_s)
            said[clip.voice, language].append(figures)
    return {key: _pace_of(figures) for key, figures in said.items() if figures}


def _first_of_each(clip_requests: Iterable[ClipRequest]) -> dict[Key, ClipRequest]:
    found: dict[Key, ClipRequest] = {}
    for one in clip_requests:
        if one.clip.engine == "gpt-sovits":
            found.setdefault((one.clip.voice, one.clip.language), one)
    return found


def _of_references(
    project: Project, clip_request: ClipRequest
) -> Iterator[tuple[float, float, float]]:
    """Measure the clips of a line's voice in its language, as if they had been asked for."""
    request = clip_request.request
    assert request is not None
    paths = {clip.sha256: clip.path for clip in clip_request.cast.voice.clips}
    voice: Mapping[str, Any] = request.inputs
    for facts in voice["voice"]["clips"]:
        path = paths.get(facts["sha256"])
        if path is None or facts["language"] != request.language:
            continue
        heard_s = _recorded_s(project.root / path)
        if heard_s:
            inputs = {
                **request.inputs,
                "text": {"parts": [{**facts, "pause_after_ms": 0}]},
                "delivery": {"parts": [{"speed": 1.0}]},
            }
            yield _figures(project, replace(request, inputs=inputs), heard_s)


def _recorded_s(path: Path) -> float:
    """Give the seconds from a recording's first sound to its last; 0: it tells nothing."""
    # NumPy loads only where lines have something to fit.
    from voicepipe.audio.silence import find_speech  # noqa: PLC0415
    from voicepipe.audio.wav import AudioFileError, read_clip  # noqa: PLC0415

    try:
        clip = read_clip(path)
    except AudioFileError:  # named where voices are checked
        return 0.0
    extent = find_speech(clip)
    return 0.0 if extent is None else (extent.end - extent.start) / clip.sample_rate


def _figures(
    project: Project, request: SynthesisRequest, heard_s: float
) -> tuple[float, float, float]:
    cost_s = project.engines[request.engine].cost(request)
    return heard_s, cost_s, usual_speech_s(request.engine, request.language, cost_s)


def _pace_of(figures: list[tuple[float, float, float]]) -> float:
    heard_s = sum(heard_s for heard_s, _, _ in figures)
    cost_s = sum(cost_s for _, cost_s, _ in figures)
    usual_s = sum(usual_s for _, _, usual_s in figures)
    doubt = _DOUBT / len(figures)
    return (heard_s + doubt * usual_s) / (cost_s * (1 + doubt))
