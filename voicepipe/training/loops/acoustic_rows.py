"""Utterances as the acoustic stage trains on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.audio.wav import read_clip
from voicepipe.errors import InputError
from voicepipe.model.acoustic.config import SEMANTIC_UPSAMPLE
from voicepipe.model.spectral import linear_spectrogram
from voicepipe.model.training.synthesizer import AcousticBatch, length_mask, pad_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from voicepipe.model.acoustic.config import AcousticConfig
    from voicepipe.training.dataset.utterance import TrainingUtterance

_SHORTEST_FRAMES = 10  # 0.2 s: more than the mirrored ends of a spectrogram need


class AcousticRows:
    """Utterances in the order of their names; sound is read when a batch needs it.

    Args:
        utterances: Of one model's sample rate and symbol table.
        config: That model's.

    Raises:
        InputError: An utterance does not fit the model.
    """

    def __init__(self, utterances: Sequence[TrainingUtterance], config: AcousticConfig) -> None:
        self._config = config
        self._utterances = checked_utterances(utterances, config)
        self.names = tuple(utterance.name for utterance in self._utterances)

    def batch(self, rows: Sequence[int], *, beside: Sequence[int] = ()) -> AcousticBatch:
        """Read rows and lay them side by side.

        Args:
            rows: Which.
            beside: All rows of the step, where other processes read some of them: the batch is as
                long as if it held them all.

        Raises:
            AudioFileError: A sound cannot be read.
            InputError: A sound has another sample rate, or is too short.
        """
        chosen = [self._utterances[row] for row in rows]
        hop = self._config.spectrogram.hop_length
        samples = [read_samples(u, self._config, per_frame=hop) for u in chosen]
        frames = [len(sound) // hop for sound in samples]
        group = [self._utterances[row] for row in (*rows, *beside)]
        n_tokens = max(len(u.semantic_tokens) for u in group)
        longest = SEMANTIC_UPSAMPLE * n_tokens
        phonemes = [torch.tensor(u.phoneme_ids, dtype=torch.int64) for u in chosen]
        n_phonemes = [len(ids) for ids in phonemes]
        most_phonemes = max(len(u.phoneme_ids) for u in group)
        tokens = [
            torch.from_numpy(np.ascontiguousarray(u.semantic_tokens, dtype=np.int64))
            for u in chosen
        ]
        return AcousticBatch(
            spectrogram=pad_rows(
                [linear_spectrogram(sound[None], self._config.spectrogram)[0] for sound in samples],
                longest,
            ),
            mask=length_mask(frames, longest),
            semantic_tokens=pad_rows(tokens, n_tokens),
            phoneme_ids=pad_rows(phonemes, most_phonemes),
            text_mask=length_mask(n_phonemes, most_phonemes),
            samples=pad_rows([sound[None] for sound in samples], longest * hop),
            speaker_embedding=_speakers(chosen),
        )


def checked_utterances(
    utterances: Sequence[TrainingUtterance], config: AcousticConfig
) -> list[TrainingUtterance]:
    """Order utterances by their names.

    Raises:
        InputError: Two have one name, or one does not fit the model.
    """
    ordered = sorted(utterances, key=lambda utterance: utterance.name)
    if len({utterance.name for utterance in ordered}) < len(ordered):
        raise InputError("two utterances have the same name", remedy="rename one of them")
    for utterance in ordered:
        _check(utterance, config)
    return ordered


def read_samples(utterance: TrainingUtterance, config: AcousticConfig, *, per_frame: int) -> Tensor:
    """Read a sound and cut it to whole latent frames that have tokens.

    Args:
        utterance: Whose sound.
        config: Of the model.
        per_frame: Samples of a latent frame.

    Returns:
        (S,) samples.

    Raises:
        AudioFileError: The sound cannot be read.
        InputError: It has another sample rate, or is too short.
    """
    clip = read_clip(utterance.wave)
    wanted = config.spectrogram.sample_rate
    if clip.sample_rate != wanted:
        raise InputError(
            f"{utterance.wave}: is at {clip.sample_rate} Hz, the model at {wanted} Hz",
            remedy="prepare the features again",
        )
    n_frames = min(clip.n_samples // per_frame, SEMANTIC_UPSAMPLE * len(utterance.semantic_tokens))
    if n_frames < _SHORTEST_FRAMES:
        raise InputError(
            f"{utterance.wave}: {n_frames} frames of sound with tokens, at least "
            f"{_SHORTEST_FRAMES} are needed",
            remedy="leave the utterance out",
        )
    return torch.from_numpy(np.array(clip.samples[: n_frames * per_frame], dtype=np.float32))


def _speakers(chosen: Sequence[TrainingUtterance]) -> Tensor | None:
    embeddings = [u.speaker_embedding for u in chosen if u.speaker_embedding is not None]
    if len(embeddings) < len(chosen):
        return None
    return torch.from_numpy(np.stack(embeddings).astype(np.float32))


def _check(utterance: TrainingUtterance, config: AcousticConfig) -> None:
    speaker = utterance.speaker_embedding
    if config.speaker_width is not None and (
        speaker is None or speaker.shape != (config.speaker_width,)
    ):
        raise InputError(
            f"utterance {utterance.name!r} has no speaker embedding of {config.speaker_width}",
            remedy="prepare its features again for this base",
        )
    tokens = utterance.semantic_tokens
    is_known = (
        tokens.ndim == 1
        and len(tokens) > 0
        and bool(((tokens >= 0) & (tokens < config.codebook_size)).all())
    )
    ids = utterance.phoneme_ids
    if not is_known or not ids or min(ids) < 0 or max(ids) >= config.n_symbols:
        raise InputError(
            f"utterance {utterance.name!r} has no tokens and phonemes that this model knows",
            remedy="prepare its features again for this base",
        )
