"""What listeners of a benchmark say of rendered clips: likeness, errors, naturalness.

Needs `resemblyzer`, `distillmos` and what the analyser of intelligibility needs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from voicepipe.audio.resample import resample
from voicepipe.audio.wav import read_clip
from voicepipe.hashing import sha256_of_file
from voicepipe.pipeline.published import published_clips
from voicepipe.qc.analyser import LineFacts, VoiceClip, VoiceFacts
from voicepipe.qc.speaker import SpeakerAnalyser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.bank.manifest import ManifestEntry

_MOS_RATE: Final = 16_000


class Rendered(NamedTuple):
    """A clip of a benchmark's bank."""

    entry: ManifestEntry
    clip: AudioClip


class Likeness:
    """Likeness to what a speaker says in `other/`.

    Args:
        speaker: The folder of `other/`.
        others: Such folders of other speakers.
        analyser: To be shared, so that a recording is heard once.
    """

    def __init__(
        self,
        speaker: Path,
        others: Sequence[Path] = (),
        analyser: SpeakerAnalyser | None = None,
    ) -> None:
        self._line = LineFacts(
            line="",
            language=_language(speaker),
            text="",
            said=None,
            voice=_voice(speaker),
            other_voices=tuple(map(_voice, others)),
        )
        self._analyser = analyser or SpeakerAnalyser()

    def of(self, clip: AudioClip) -> float:
        """Give the cosine; 0 where too little is said."""
        return self.compared(clip)[0]

    def compared(self, clip: AudioClip) -> tuple[float, float]:
        """Give the cosine, and that of the nearest other speaker; 0 where too little is said."""
        scores = self._analyser.analyse(clip, self._line).scores
        return scores.get("similarity", 0.0), scores.get("similarity_to_another", 0.0)


def _voice(speaker: Path) -> VoiceFacts:
    recordings = tuple(
        VoiceClip(path=path, sha256=sha256_of_file(path), language=_language(speaker))
        for path in sorted((speaker / "other").glob("*.wav"))
    )
    return VoiceFacts(id=speaker.name, clips=recordings)


def _language(speaker: Path) -> str:
    return speaker.name.partition("-")[0]


class Naturalness:
    """Distill-MOS, 1 to 5."""

    def __init__(self) -> None:
        import distillmos  # noqa: PLC0415 - heavy

        self._judge = distillmos.ConvTransformerSQAModel().eval()

    @torch.inference_mode()
    def of(self, clip: AudioClip) -> float:
        """Judge a clip."""
        heard = torch.from_numpy(resample(clip, _MOS_RATE).samples.copy())
        return float(self._judge(heard[None]))


def standard_error(values: NDArray[np.float64]) -> float:
    """Of the mean of some values."""
    return float(np.std(values, ddof=1)) / math.sqrt(len(values))


def rendered_clips(project: Path) -> Iterator[Rendered]:
    """Read what a project's latest bank holds, entry by entry."""
    published = published_clips(project)
    bank = published.project.out / "banks" / published.manifest.bank / published.manifest.version
    for entry in published.entries:
        yield Rendered(entry, read_clip(bank / entry.file))
