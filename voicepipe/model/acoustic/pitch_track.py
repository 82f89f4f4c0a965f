"""The pitch of every frame of a recording.

Source: the path finder of Boersma, 1993, over the peaks of the autocorrelation that also finds the
pitch of a reference clip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.model.acoustic.reference_pitch import OCTAVE_COST, SelfLikeness, self_likeness

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_N_CANDIDATES = 6
_VOICELESS = 0.45
"""How periodic a frame is that might as well have no voice."""
_QUIET = 0.02  # of the mean power; in quieter frames nothing is heard to repeat
_JUMP_COST = 0.35  # an octave, from one frame to the next
_ONSET_COST = 0.14  # of a voice that begins or ends
_NEVER = -1e9


def pitch_track(spectrogram: Tensor, sample_rate: int) -> NDArray[np.float32]:
    """Follow a voice.

    Args:
        spectrogram: (F, T) linear magnitudes of one recording, as `reference_pitch` takes them.
        sample_rate: In Hz.

    Returns:
        (T,) Hz; 0 where there is no voice.
    """
    found = self_likeness(spectrogram[None], sample_rate)
    if found is None:
        return np.zeros(spectrogram.shape[1], dtype=np.float32)
    strengths, octaves = _candidates(found, sample_rate)
    path = _best_path(strengths, octaves)
    # The last candidate is no voice.
    hertz = np.exp2(octaves)[np.arange(len(path)), path]
    return np.where(path < _N_CANDIDATES, hertz, 0).astype(np.float32)


def _candidates(
    found: SelfLikeness, sample_rate: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What each frame's pitch may be: how periodic, and how many octaves over 1 Hz, (T, N + 1)."""
    alike = found.alike[0].double()
    before, inner, after = alike[:-2], alike[1:-1], alike[2:]
    # A parabola through a peak and its neighbours: lags are whole samples, periods are not.
    bend = (2 * inner - before - after).clamp(min=1e-6)
    offset = ((after - before) / (2 * bend)).clamp(-0.5, 0.5)
    height = inner + (after - before) * offset / 4
    lags = torch.arange(found.shortest, found.shortest + len(inner))[:, None] + offset
    preferred = height - OCTAVE_COST * torch.log2(lags / found.shortest)
    is_peak = (inner >= before) & (inner > after)
    best, places = preferred.masked_fill(~is_peak, _NEVER).topk(_N_CANDIDATES, dim=0)
    octaves = torch.log2(sample_rate / lags.gather(0, places))
    loudness = found.loudness[0].double()
    is_quiet = loudness < _QUIET * loudness.mean()
    strengths = best.masked_fill(is_quiet, _NEVER).t().numpy()
    voiceless = np.full((len(strengths), 1), _VOICELESS)
    rest = np.zeros_like(voiceless)
    return np.concatenate((strengths, voiceless), 1), np.concatenate((octaves.t().numpy(), rest), 1)


def _best_path(strengths: NDArray[np.float64], octaves: NDArray[np.float64]) -> NDArray[np.int64]:
    n_frames, n_states = strengths.shape
    is_voiced = np.arange(n_states) < n_states - 1
    changes = _ONSET_COST * (is_voiced[:, None] != is_voiced[None])
    both = is_voiced[:, None] & is_voiced[None]
    steps = np.zeros((n_frames, n_states), dtype=np.int64)
    best = strengths[0]
    for number in range(1, n_frames):
        jumps = np.abs(octaves[number - 1][:, None] - octaves[number][None]) * _JUMP_COST
        reached = best[:, None] - np.where(both, jumps, changes)
        steps[number] = reached.argmax(axis=0)
        best = reached.max(axis=0) + strengths[number]
    path = np.zeros(n_frames, dtype=np.int64)
    path[-1] = int(best.argmax())
    for number in range(n_frames - 1, 0, -1):
        path[number - 1] = steps[number, path[number]]
    return path
