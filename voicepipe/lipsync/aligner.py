"""Forced alignment: where in a clip each of its line's phonemes is heard.

The embedded family's ears hear features at 50 Hz, its recogniser names phonemes in them; the best
path through the line's own phonemes is `torchaudio`'s. The only module of this room with torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional
from torchaudio.functional import forced_align

from voicepipe.audio.resample import resample
from voicepipe.errors import CheckpointError
from voicepipe.lipsync.pauses import without_short_gaps
from voicepipe.model.checkpoints.config_fields import shape_of
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.encoders.content import SAMPLE_RATE, ContentEncoder
from voicepipe.model.semantic.recogniser import CLASSES_FIELD, PhonemeRecogniser
from voicepipe.model_store.pull import EMBEDDED_FOLDER
from voicepipe.text.symbols import symbol_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

    from voicepipe.audio.clip import AudioClip

FRAME_S: Final = 0.02
_CLOSING_S: Final = 0.4
_SYMBOLS: Final = "v2"
_PROJECTION: Final = "ssl_proj"
_WEIGHTS: Final = "model.safetensors"
_UNHEARD: Final = -12.0  # nats; no single frame speaks louder against a path


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Where phonemes are."""

    spans: tuple[tuple[float, float], ...]
    """Seconds of each, in order."""
    nats: float
    """How well they were heard, a phoneme: 0 at best."""


class Aligner:
    """Ears and recogniser of the embedded family, loaded.

    Args:
        folder: Where the models that come with voicepipe lie.
    """

    def __init__(self, folder: Path = EMBEDDED_FOLDER) -> None:
        """Load them.

        Raises:
            CheckpointError: One is missing or damaged.
        """
        self._ears = ContentEncoder.load(folder / "tiny-content")
        checkpoint = load_checkpoint(folder / "tiny-recogniser" / _WEIGHTS)
        self._recogniser = PhonemeRecogniser.from_checkpoint(checkpoint).float()
        self._project, self._bias = _projection(folder / "tiny-sovits" / _WEIGHTS)
        symbols = symbol_table(_SYMBOLS).symbols
        self._classes: dict[str, list[int]] = {}
        for number, symbol in enumerate(checkpoint.config[CLASSES_FIELD], start=1):
            self._classes.setdefault(plain(symbols[symbol]), []).append(number)

    def unknown(self, phonemes: Sequence[str]) -> tuple[str, ...]:
        """List phonemes the recogniser has never heard, once each."""
        return tuple(dict.fromkeys(p for p in phonemes if plain(p) not in self._classes))

    @torch.inference_mode()
    def align(self, clip: AudioClip, phonemes: Sequence[str]) -> Heard | None:
        """Find phonemes in a clip.

        Args:
            clip: Mono, any rate.
            phonemes: Of its line, at least one; the recogniser knows all of them.

        Returns:
            None when the clip is shorter than its phonemes.
        """
        heard = self._log_probabilities(clip)
        names = list(dict.fromkeys(map(plain, phonemes)))
        columns = [torch.logsumexp(heard[:, self._classes[name]], 1) for name in names]
        n_frames = min(len(heard), max(1, round(clip.duration_s / FRAME_S)))
        if n_frames < len(phonemes):
            return None
        # Each twice: a phoneme that follows itself takes the other column, so that no pause is
        # forced between the two.
        scores = torch.stack([heard[:, 0], *columns, *columns], 1)[:n_frames].clamp(min=_UNHEARD)
        wanted = _alternating([names.index(plain(phoneme)) for phoneme in phonemes], len(names))
        path, path_scores = forced_align(
            scores[None].contiguous(), torch.tensor([wanted], dtype=torch.int32), blank=0
        )
        spans = _spans(path[0].tolist())
        nats = [
            float(path_scores[0, start:end].mean() - scores[start:end].amax(1).mean())
            for start, end in spans
        ]
        seconds = [(start * FRAME_S, end * FRAME_S) for start, end in spans]
        return Heard(spans=without_short_gaps(seconds), nats=float(np.mean(nats)))

    def _log_probabilities(self, clip: AudioClip) -> Tensor:
        """Hear a clip: (T, K) at 50 Hz.

        The recogniser hears pairs of frames; pairs that begin one frame later are heard as well,
        and the two answers share their say.
        """
        waveform = torch.from_numpy(resample(clip, SAMPLE_RATE).samples)
        closing = torch.zeros(round(_CLOSING_S * SAMPLE_RATE))
        features = self._ears.encode(torch.cat((waveform, closing)))
        answers = []
        for first in (0, 1):
            pairs = features[None, :, first:]
            projected = functional.conv1d(pairs, self._project, self._bias, stride=2)
            scores = self._recogniser.scores(projected.repeat_interleave(2, dim=2))[0]
            heard = scores.float().log_softmax(0).t()
            answers.append(torch.cat((heard[:first], heard)))
        n_frames = min(map(len, answers))
        return torch.stack([answer[:n_frames] for answer in answers]).mean(0).log_softmax(1)


@cache
def embedded_aligner() -> Aligner:
    """Give the aligner that comes with voicepipe, loaded once a process; otherwise as it."""
    return Aligner()


def plain(phoneme: str) -> str:
    """Give a phoneme without its tone or stress: what a mouth shows of it is the same."""
    return phoneme[:-1] if len(phoneme) > 1 and phoneme[-1].isdigit() else phoneme


def _projection(path: Path) -> tuple[Tensor, Tensor]:
    tensors = load_checkpoint(path).tensors
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    shape_of(shapes, f"{_PROJECTION}.weight", 3)
    bias = tensors.get(f"{_PROJECTION}.bias")
    if bias is None:
        raise CheckpointError(f"{path}: has no {_PROJECTION}.bias", remedy="install voicepipe anew")
    return tensors[f"{_PROJECTION}.weight"].float(), bias.float()


def _alternating(classes: Sequence[int], n_classes: int) -> list[int]:
    """Number phonemes from 1, and from the second set of columns where one follows itself."""
    wanted: list[int] = []
    for number in classes:
        first = 1 + number
        wanted.append(first + n_classes if wanted and wanted[-1] == first else first)
    return wanted


def _spans(path: Sequence[int]) -> list[tuple[int, int]]:
    """Give the frames of each phoneme on a path; 0 is a pause."""
    spans: list[tuple[int, int]] = []
    before = 0
    for frame, label in enumerate(path):
        if label and label != before:
            spans.append((frame, frame + 1))
        elif label:
            spans[-1] = (spans[-1][0], frame + 1)
        before = label
    return spans
