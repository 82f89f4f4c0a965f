"""Utterances as an acoustic stage with a source-filter generator trains on them.

It learns from stretches of one length, cut out of joined utterances, in the style of other words
of the same speaker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import nn

from voicepipe.model.acoustic.config import SEMANTIC_UPSAMPLE
from voicepipe.model.acoustic.pitch_track import pitch_track
from voicepipe.model.spectral import linear_spectrogram
from voicepipe.model.training.indexed_rng import seed_of
from voicepipe.model.training.saying_again import Lesson
from voicepipe.training.loops.acoustic_rows import checked_utterances, read_samples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicepipe.model.acoustic.config import AcousticConfig
    from voicepipe.training.dataset.utterance import TrainingUtterance

STRETCH_TOKENS = 80
"""3.2 s."""
_REFERENCE_TOKENS = 75  # 3 s
_PARTS, _FIRST, _REFERENCE, _NOISE = range(4)  # what one seed is used for


class _Heard(NamedTuple):
    """An utterance in memory: a minute of them is 6 MB."""

    tokens: NDArray[np.int64]
    phonemes: tuple[int, ...]
    wave: NDArray[np.float32]
    pitch: NDArray[np.float32]


class StretchRows:
    """Utterances in the order of their names, heard once.

    Args:
        utterances: Of one speaker, at the model's sample rate.
        config: The model's.
        hop_length: Of its generator, in samples: the rate of the pitch.

    Raises:
        InputError: An utterance does not fit the model.
        AudioFileError: A sound cannot be read.
    """

    def __init__(
        self, utterances: Sequence[TrainingUtterance], config: AcousticConfig, hop_length: int
    ) -> None:
        found = checked_utterances(utterances, config)
        self.names = tuple(utterance.name for utterance in found)
        self._config = config
        self._hop = hop_length
        self._token_samples = 2 * SEMANTIC_UPSAMPLE * hop_length
        self._heard = [self._hear(utterance) for utterance in found]

    def batch(self, rows: Sequence[int], seeds: Sequence[int]) -> Lesson:
        """Cut a stretch for each row; what joins it and where it begins is the seed's affair.

        Args:
            rows: What each stretch begins with.
            seeds: One a row.
        """
        cut = [self._stretch(row, seed) for row, seed in zip(rows, seeds, strict=True)]
        tokens, waves, pitches, phonemes = zip(*cut, strict=True)
        references = [self._reference(seed_of(seed, _REFERENCE)) for seed in seeds]
        return Lesson(
            tokens=torch.from_numpy(np.stack(tokens)),
            wave=torch.from_numpy(np.stack(waves)),
            pitch=torch.from_numpy(np.stack(pitches)),
            phonemes=nn.utils.rnn.pad_sequence([torch.tensor(p) for p in phonemes], True),
            n_phonemes=torch.tensor([len(p) for p in phonemes]),
            reference=torch.from_numpy(np.stack(references)),
            noise=torch.stack([self._noise(seed_of(seed, _NOISE)) for seed in seeds]),
        )

    def _hear(self, utterance: TrainingUtterance) -> _Heard:
        samples = read_samples(utterance, self._config, per_frame=2 * self._hop)
        n_tokens = -(-len(samples) // self._token_samples)
        wave = np.zeros(n_tokens * self._token_samples, dtype=np.float32)
        wave[: len(samples)] = samples.numpy()
        spectrogram = linear_spectrogram(torch.from_numpy(wave)[None], self._config.spectrogram)[0]
        return _Heard(
            tokens=np.asarray(utterance.semantic_tokens[:n_tokens], dtype=np.int64),
            phonemes=utterance.phoneme_ids,
            wave=wave,
            pitch=pitch_track(spectrogram, self._config.spectrogram.sample_rate),
        )

    def _stretch(
        self, row: int, seed: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32], list[int]]:
        parts = [self._heard[row]]
        rng = np.random.default_rng(seed_of(seed, _PARTS))
        while sum(len(part.tokens) for part in parts) < STRETCH_TOKENS:
            parts.append(self._heard[int(rng.integers(len(self._heard)))])
        n_tokens = sum(len(part.tokens) for part in parts)
        first = int(
            np.random.default_rng(seed_of(seed, _FIRST)).integers(n_tokens - STRETCH_TOKENS + 1)
        )
        last = first + STRETCH_TOKENS
        hops, samples = 2 * SEMANTIC_UPSAMPLE, self._token_samples
        return (
            np.concatenate([part.tokens for part in parts])[first:last],
            np.concatenate([part.wave for part in parts])[first * samples : last * samples],
            np.concatenate([part.pitch for part in parts])[first * hops : last * hops],
            [phoneme for part in parts for phoneme in part.phonemes],
        )

    def _reference(self, seed: int) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        size = _REFERENCE_TOKENS * self._token_samples
        waves: list[NDArray[np.float32]] = []
        while sum(map(len, waves)) < size:
            waves.append(self._heard[int(rng.integers(len(self._heard)))].wave)
        joined = np.concatenate(waves)
        first = int(rng.integers(len(joined) - size + 1))
        return joined[first : first + size]

    def _noise(self, seed: int) -> torch.Tensor:
        rng = torch.Generator().manual_seed(seed % 2**63)
        return torch.randn(STRETCH_TOKENS * self._token_samples, generator=rng)
