"""One recorded utterance as both training loops read it: features ready, sound still on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrainingUtterance:
    """What is known of one utterance before a training begins."""

    name: str
    """Unique within a data set; batches are drawn over the utterances in the order of their names,
    so that the order in which a folder is listed changes nothing."""
    phoneme_ids: tuple[int, ...]
    """Of its transcript, in the symbol table of the model that is trained."""
    bert: NDArray[np.float32] | None
    """(phonemes, 1024) linguistic features, or `None` for zeros."""
    semantic_tokens: NDArray[np.int64]
    """(T,) at 25 Hz, of the recording."""
    wave: Path
    """A mono WAV file at the model's sample rate, about `T / 25` seconds long."""
    language: str
    """Of the transcript, such as `zh`."""
    speaker_embedding: NDArray[np.float32] | None = None
    """(20480,) of the recording, for the families that take one."""

    @property
    def duration_s(self) -> float:
        """Length by its semantic tokens, in seconds."""
        return len(self.semantic_tokens) / 25
