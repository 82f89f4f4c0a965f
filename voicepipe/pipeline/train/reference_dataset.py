"""A voice's reference clips in place of a folder of recordings (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.errors import UsageError
from voicepipe.training.dataset.files import Coverage, Dataset, Take
from voicepipe.voices.voice import NEUTRAL

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.voices.voice import ReferenceClip, Voice


def reference_dataset(root: Path, voice: Voice, voice_path: str) -> Dataset:
    """Take what a voice's file says of its neutral clips as a dataset, in the project's folder.

    Args:
        root: The project.
        voice: Whose clips.
        voice_path: Its file, from the project root.

    Raises:
        UsageError: It has no clip that is neutral.
    """
    clips = {clip.path: clip for clip in voice.clips if clip.emotion == NEUTRAL}
    if not clips:
        raise UsageError(
            f'the voice "{voice.id}" has no neutral reference clip to learn from',
            remedy=f"name one under clips: in {voice_path}, or give --data FOLDER",
        )
    takes = [_take(voice, clip) for _, clip in sorted(clips.items())]
    coverage = Coverage(
        recordings=len(takes),
        texts=len(takes),
        without_text=0,
        without_recording=0,
        repeated=0,
        matched_by_name=0,
    )
    return Dataset(folder=root, takes=tuple(takes), transcripts=(voice_path,), coverage=coverage)


def _take(voice: Voice, clip: ReferenceClip) -> Take:
    return Take(
        path=clip.path,
        text=clip.transcript,
        language=clip.language,
        speaker=voice.id,
        span=clip.span,
        text_span=clip.span,
    )
