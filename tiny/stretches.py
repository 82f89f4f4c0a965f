"""Stretches of joined sentences with references: what the acoustic stage learns from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from tiny.colouring import coloured, draw_colour
from tiny.corpus import SAMPLE_RATE
from tiny.packing import N_RATES, TOKEN_SAMPLES
from voicepipe.model.training.saying_again import Lesson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tiny.packing import Pack, Packed
    from tiny.tokens import SpokenClips

_STRETCH_TOKENS = 80  # 3.2 s
_PITCH_FRAMES_PER_TOKEN = 4
_REFERENCE_SAMPLES = 3 * SAMPLE_RATE
_OWN_CLIP_SHARE = 0.1  # how often a stretch's own clip is its reference
_FURTHER_SHARE = 0.4  # how often another voice than the corpus's own is heard once they are
_COLOURED_SHARE = 0.5
_LOUDNESS_SPREAD = 0.15


class Stretches:
    """Stretches of joined sentences with references.

    Args:
        pack: The clips.
        spoken: Their tokens.
        held_out: Only sentences kept to judge by, or only the others.
    """

    def __init__(self, pack: Pack, spoken: SpokenClips, *, held_out: bool) -> None:
        self._pack = pack
        self._spoken = spoken
        self._clips = tuple(clip for clip in pack.clips if clip.is_held_out == held_out)
        self._further = tuple(clip for clip in pack.further if clip.is_held_out == held_out)
        self._by_speaker: dict[tuple[str, str], list[Packed]] = {}
        for clip in (*self._clips, *self._further):
            self._by_speaker.setdefault(clip.speaker, []).append(clip)

    def draw(self, seed: int, n: int, *, of_anyone: bool = False) -> Lesson:
        """Draw a batch.

        Args:
            seed: What random numbers are drawn from.
            n: Stretches.
            of_anyone: Of mixed and crossing voices too, and coloured ones.
        """
        rng = np.random.default_rng(seed)
        draw_one = self._anyone if of_anyone else self._known
        rows = [draw_one(rng) for _ in range(n)]
        tokens, waves, pitches, phonemes, references = zip(*rows, strict=True)
        noise = torch.Generator().manual_seed(seed % 2**63)
        return Lesson(
            tokens=torch.from_numpy(np.stack(tokens)),
            wave=torch.from_numpy(np.stack(waves)),
            pitch=torch.from_numpy(np.stack(pitches)),
            phonemes=nn.utils.rnn.pad_sequence([torch.tensor(p) for p in phonemes], True),
            n_phonemes=torch.tensor([len(p) for p in phonemes]),
            reference=torch.from_numpy(np.stack(references)),
            noise=torch.randn(n, _STRETCH_TOKENS * TOKEN_SAMPLES, generator=noise),
        )

    def _known(self, rng: np.random.Generator) -> tuple[Any, ...]:
        return self._one(rng, self._clips)

    def _anyone(self, rng: np.random.Generator) -> tuple[Any, ...]:
        is_further = self._further and rng.random() < _FURTHER_SHARE
        tokens, wave, pitch, phonemes, reference = self._one(
            rng, self._further if is_further else self._clips
        )
        if rng.random() < _COLOURED_SHARE:
            colour = draw_colour(rng)
            wave = coloured(torch.from_numpy(wave), colour).numpy()
            reference = coloured(torch.from_numpy(reference), colour).numpy()
        return tokens, wave, pitch, phonemes, reference

    def _one(self, rng: np.random.Generator, clips: Sequence[Packed]) -> tuple[Any, ...]:
        clip = clips[int(rng.integers(len(clips)))]
        rate = int(rng.integers(N_RATES))
        others = self._by_speaker[clip.speaker]
        parts, phonemes, n_tokens = [self._sounds(clip, rate)], list(clip.phoneme_ids), 0
        n_tokens = len(parts[0][0])
        while n_tokens < _STRETCH_TOKENS:
            more = others[int(rng.integers(len(others)))]
            parts.append(self._sounds(more, rate))
            phonemes += more.phoneme_ids
            n_tokens += len(parts[-1][0])
        first = int(rng.integers(n_tokens - _STRETCH_TOKENS + 1))
        tokens, wave, pitch = (
            np.concatenate(arrays)[first * size : (first + _STRETCH_TOKENS) * size]
            for arrays, size in zip(
                zip(*parts, strict=True),
                (1, TOKEN_SAMPLES, _PITCH_FRAMES_PER_TOKEN),
                strict=True,
            )
        )
        return tokens, wave, pitch, phonemes, self._reference(clip, rate, rng)

    def _sounds(self, clip: Packed, rate: int) -> tuple[NDArray[Any], ...]:
        spoken = self._spoken.of(clip, rate)
        tokens = spoken.meant[: len(spoken.phonemes)]
        wave = self._pack.wave(clip, rate)[: len(tokens) * TOKEN_SAMPLES]
        pitch = np.zeros(len(tokens) * _PITCH_FRAMES_PER_TOKEN, dtype=np.float32)
        track = self._pack.pitch(clip, rate)[: len(pitch)]
        pitch[: len(track)] = track
        return tokens, wave, pitch

    def _reference(self, clip: Packed, rate: int, rng: np.random.Generator) -> NDArray[np.float32]:
        others = self._by_speaker[clip.speaker]
        waves = [self._pack.wave(clip, rate)] if rng.random() < _OWN_CLIP_SHARE else []
        while sum(map(len, waves)) < _REFERENCE_SAMPLES:
            waves.append(self._pack.wave(others[int(rng.integers(len(others)))], rate))
        joined = np.concatenate(waves)
        first = int(rng.integers(len(joined) - _REFERENCE_SAMPLES + 1))
        loudness = np.float32(math.exp(rng.normal(0, _LOUDNESS_SPREAD)))
        return joined[first : first + _REFERENCE_SAMPLES] * loudness
