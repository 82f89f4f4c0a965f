"""Comparing the reference clips among which only the order in a voice's file decides.

Says which is the safest; the file stays as it is, so nothing renders again by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from voicepipe.bank.lock import bank_lock
from voicepipe.diagnostics import has_errors
from voicepipe.synthesis.clip_ranking import ClipEvidence, RankedClip, ranked_clips
from voicepipe.voices.reference_checks import check_reference
from voicepipe.workers.places import first_device

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voicepipe.engines.protocol import Engine
    from voicepipe.pipeline.project import Project
    from voicepipe.synthesis.clip_ranking import Impression
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.voices.voice import CastLine, ReferenceClip


@runtime_checkable
class _Hearing(Protocol):
    def impressions(
        self, requests: Iterable[SynthesisRequest]
    ) -> Iterator[Mapping[str, Impression]]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Clips of one voice, emotion and language."""

    voice: str
    emotion: str
    language: str
    speaks: str
    """Path of the clip that is first in the file, and speaks."""
    clips: tuple[RankedClip, ...]
    """The safest first."""

    @property
    def is_best_first(self) -> bool:
        """Whether the safest clip speaks."""
        return self.clips[0].evidence.path == self.speaks


def compare_clips(project: Project, *, voice: str = "", device: str = "") -> Iterator[Comparison]:
    """Compare clips wherever a voice has several of one emotion in one language.

    Args:
        project: Free of errors, and prepared: see `prepare_prompts`.
        voice: Only this voice; empty: all.
        device: Where to listen; empty: as the settings say.

    Raises:
        BankLocked: Another process writes to the output folder.
        EnvironmentFault: A clip or a model is needed and not here.
        SynthesisError: A clip cannot be a reference.
    """
    lines = {line.voice.id: line for line in project.cast if voice in ("", line.voice.id)}
    asked = [line for line in lines.values() if _has_choice(line.voice.clips)]
    if not asked:
        return
    with bank_lock(project.out, "voicepipe voices prepare"):
        for name, engine in project.engines.items():
            own = [line for line in asked if line.voice.engine == name]
            if not own:
                continue
            renderer = engine.open(first_device(device or project.settings.render.device))
            try:
                if isinstance(renderer, _Hearing):
                    for line in own:
                        yield from _compared(project, engine, renderer, line)
            finally:
                renderer.close()


def _has_choice(clips: Sequence[ReferenceClip]) -> bool:
    return len({_delivery(clip) for clip in clips}) < len(clips)


def _delivery(clip: ReferenceClip) -> tuple[str, str]:
    return clip.emotion, clip.language


def _compared(
    project: Project, engine: Engine, renderer: _Hearing, line: CastLine
) -> Iterator[Comparison]:
    clips = line.voice.clips
    figures, faults, requests = {}, {}, []
    for clip in clips:
        found, problems = check_reference(project.root, clip)
        figures[clip], faults[clip] = found, tuple(problem.code for problem in problems)
        if not has_errors(problems):
            requests.append(engine.request(_said_after(line, clip), 0))
    heard = {digest: one for some in renderer.impressions(requests) for digest, one in some.items()}
    for delivery in dict.fromkeys(map(_delivery, clips)):
        group = [clip for clip in clips if _delivery(clip) == delivery]
        if len(group) < 2:
            continue
        others = [heard[c.sha256] for c in clips if c not in group and c.sha256 in heard]
        evidence = [
            ClipEvidence(
                path=clip.path,
                sha256=clip.sha256,
                duration_s=0.0 if (found := figures[clip]) is None else found.duration_s,
                snr_db=0.0 if found is None else found.snr_db,
                faults=faults[clip],
                impression=heard.get(clip.sha256),
            )
            for clip in group
        ]
        emotion, language = delivery
        yield Comparison(
            voice=line.voice.id,
            emotion=emotion,
            language=language,
            speaks=group[0].path,
            clips=ranked_clips(evidence, others),
        )


def _said_after(line: CastLine, clip: ReferenceClip) -> CastLine:
    """A line as if this clip led all of it."""
    plain = tuple(replace(segment, emotion="") for segment in line.text.segments)
    return replace(line, text=replace(line.text, segments=plain), reference=clip)
