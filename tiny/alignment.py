"""Which phoneme is said when: a hidden Markov model over cepstra, started from nothing.

Every phoneme is a mixture of Gaussians; the first guess spreads a sentence's phonemes evenly over
its sound, and guessing and measuring in turn does the rest. A network trained on sums over all
alignments finds it cheaper to call everything one frequent phoneme; Gaussians cannot. Once there is
a network that hears phonemes, it draws the borders again.

Source: the flat start of HTK and Kaldi's monophone training; Viterbi, 1967.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from scipy.fft import dct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tiny.packing import Pack, Packed

    Scores = NDArray[np.floating]

PAUSE: Final = "pause"
SILENT_SYMBOLS: Final = frozenset({"[", "]", "UNK", "#", "^", "-", "_", "SP", "SP2", "SP3", "EE"})
"""Symbols that take no time."""

_N_CEPSTRA = 14
_QUIET = 4.0  # natural logarithms below a clip's loudest band: a pause, never speech
_ROUNDS, _SPLIT_AT, _N_GAUSSIANS = 14, 7, 3
_PRIOR_FRAMES = 20  # a rare phoneme leans on what all speech looks like
_LEAST_VARIANCE = 0.05
_NEVER = -1e9


class _States(NamedTuple):
    """What a sentence passes through."""

    classes: NDArray[np.int64]
    phonemes: NDArray[np.int64]
    """Index of the phoneme in the sentence; -1 for a pause nobody wrote."""
    may_skip: NDArray[np.bool_]
    """Whether the state before may be left out."""


def align(pack: Pack, path: Path) -> dict[str, NDArray[np.int64]]:
    """Give the phoneme index of every fiftieth of a second of every clip, at its own rate.

    Args:
        pack: The clips.
        path: Where the answer is kept.
    """
    return _kept(path, pack.clips) or _keep(path, pack.clips, _Aligner(pack).run())


def realign(
    pack: Pack, path: Path, class_of: Callable[[str], int], hear: Callable[[Packed], Scores]
) -> dict[str, NDArray[np.int64]]:
    """Give what `align` gives, by a network's ears.

    Args:
        pack: The clips.
        path: Where the answer is kept.
        class_of: Number of a sounding phoneme; a pause is 0.
        hear: Log-likelihoods (T, classes) of a clip's frames at its own rate.
    """
    clips = (*pack.clips, *pack.further)
    if kept := _kept(path, clips):
        return kept
    found = []
    for clip in clips:
        states = _states_of(clip, class_of)
        path_of = _viterbi(hear(clip)[:, states.classes], states.may_skip)
        found.append(states.phonemes[path_of])
    return _keep(path, clips, found)


def is_sounding(phoneme: str) -> bool:
    """Whether a symbol is a sound, not a mark."""
    return phoneme[0].isalpha() and phoneme not in SILENT_SYMBOLS


def plain(phoneme: str) -> str:
    """A phoneme without its tone or stress."""
    return phoneme[:-1] if len(phoneme) > 1 and phoneme[-1].isdigit() else phoneme


class _Aligner:
    def __init__(self, pack: Pack) -> None:
        sounds = {plain(p) for clip in pack.clips for p in clip.phonemes if is_sounding(p)}
        self._classes = {name: i for i, name in enumerate((PAUSE, *sorted(sounds)))}
        self._states = [
            _states_of(clip, lambda phoneme: self._classes[plain(phoneme)]) for clip in pack.clips
        ]
        measured = [_cepstra(pack.mel(clip, 0)) for clip in pack.clips]
        self._frames = [frames for frames, _ in measured]
        self._quiet = [quiet for _, quiet in measured]
        self._all = np.concatenate(self._frames)

    def run(self) -> list[NDArray[np.int64]]:
        paths = [_evenly(s, q) for s, q in zip(self._states, self._quiet, strict=True)]
        classes = np.concatenate(
            [
                np.where(quiet, 0, states.classes[path])
                for states, path, quiet in zip(self._states, paths, self._quiet, strict=True)
            ]
        )
        parts = np.zeros(len(classes), dtype=np.int64)
        n_parts = 1
        for number in range(_ROUNDS):
            if number == _SPLIT_AT:
                n_parts = _N_GAUSSIANS
                parts = np.random.default_rng(0).integers(0, n_parts, len(classes))
            weights, constants = self._measure(classes, parts, n_parts)
            paths, classes, parts = self._guess(weights, constants, n_parts)
            print(f"alignment {number + 1} of {_ROUNDS}", flush=True)
        return [s.phonemes[path] for s, path in zip(self._states, paths, strict=True)]

    def _measure(
        self, classes: NDArray[np.int64], parts: NDArray[np.int64], n_parts: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Gaussians as weights of (x^2, x) and constants."""
        frames = self._all
        mean_of_all, variance_of_all = frames.mean(0), frames.var(0)
        order = np.argsort(classes * n_parts + parts, kind="stable")
        bounds = np.searchsorted(
            (classes * n_parts + parts)[order], np.arange(len(self._classes) * n_parts + 1)
        )
        weights = np.zeros((len(bounds) - 1, 2 * frames.shape[1]), dtype=np.float32)
        constants = np.full(len(bounds) - 1, -1e4, dtype=np.float32)
        for number in range(len(bounds) - 1):
            rows = frames[order[bounds[number] : bounds[number + 1]]]
            if not len(rows):
                continue
            own = number // n_parts * n_parts
            of_class = frames[order[bounds[own] : bounds[own + n_parts]]]
            leaning = mean_of_all if n_parts == 1 else of_class.mean(0)
            total = len(rows) + _PRIOR_FRAMES
            mean = (rows.sum(0) + _PRIOR_FRAMES * leaning) / total
            variance = ((rows - mean) ** 2).sum(0) + _PRIOR_FRAMES * variance_of_all
            inverse = 1 / np.maximum(variance / total, _LEAST_VARIANCE)
            weights[number] = np.concatenate((-0.5 * inverse, mean * inverse))
            constants[number] = 0.5 * (np.log(inverse).sum() - (mean**2 * inverse).sum())
            constants[number] += math.log(len(rows) / len(of_class))
        return weights, constants

    def _guess(
        self, weights: NDArray[np.float32], constants: NDArray[np.float32], n_parts: int
    ) -> tuple[list[NDArray[np.int64]], NDArray[np.int64], NDArray[np.int64]]:
        paths, classes, parts = [], [], []
        for frames, quiet, states in zip(self._frames, self._quiet, self._states, strict=True):
            scores = np.concatenate((frames * frames, frames), 1) @ weights.T + constants
            by_part = scores.reshape(len(frames), -1, n_parts)
            of_states = by_part.max(2)[:, states.classes]
            of_states = np.where(
                (states.classes == 0)[None] & ~quiet[:, None], of_states - 1e4, of_states
            )
            path = _viterbi(of_states, states.may_skip)
            paths.append(path)
            classes.append(states.classes[path])
            parts.append(by_part[np.arange(len(frames)), states.classes[path]].argmax(1))
        return paths, np.concatenate(classes), np.concatenate(parts)


def _states_of(clip: Packed, class_of: Callable[[str], int]) -> _States:
    rows = [(0, -1)]
    for index, phoneme in enumerate(clip.phonemes):
        if phoneme in SILENT_SYMBOLS:
            continue
        if is_sounding(phoneme):
            rows.append((class_of(phoneme), index))
        elif rows[-1][0]:
            rows.append((0, index))
        elif rows[-1][1] < 0:
            rows[-1] = (0, index)
    if rows[-1][0]:
        rows.append((0, -1))
    classes, phonemes = (np.array(column) for column in zip(*rows, strict=True))
    may_skip = np.concatenate(([False], classes[:-1] == 0))
    return _States(classes, phonemes, may_skip)


def _cepstra(mel: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Whitened cepstra with their slopes at 50 Hz, and which frames may be pauses."""
    pairs = mel[: len(mel) // 2 * 2].reshape(-1, 2, mel.shape[1])
    loudest = pairs.max((1, 2))
    quiet = loudest < loudest.max() - _QUIET
    cepstra = dct(pairs.mean(1), axis=1, norm="ortho")[:, :_N_CEPSTRA]
    spoken = cepstra if quiet.all() else cepstra[~quiet]
    cepstra = (cepstra - spoken.mean(0)) / (spoken.std(0) + 1e-3)
    slope = np.gradient(cepstra, axis=0) * 2
    frames = np.concatenate((cepstra, slope, np.gradient(slope, axis=0)), 1)
    return frames.astype(np.float32), quiet


def _evenly(states: _States, quiet: NDArray[np.bool_]) -> NDArray[np.int64]:
    """A path that gives every sound the same share of what is not quiet."""
    sounds = np.flatnonzero(states.classes)
    path = np.zeros(len(quiet), dtype=np.int64)
    spoken = np.flatnonzero(~quiet)
    path[spoken] = sounds[np.arange(len(spoken)) * len(sounds) // max(1, len(spoken))]
    return path


def _viterbi(scores: NDArray[np.floating], may_skip: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The best path through (T, S) scores: stay, go on, or leave out what may be left out."""
    n_frames, n_states = scores.shape
    best = np.full(n_states, _NEVER)
    best[:2] = scores[0, :2]
    steps = np.zeros((n_frames, n_states), dtype=np.int8)
    skip_cost = np.where(may_skip, 0, _NEVER)
    options = np.full((3, n_states), _NEVER)
    columns = np.arange(n_states)
    for t in range(1, n_frames):
        options[0] = best
        options[1, 1:] = best[:-1]
        options[2, 2:] = best[:-2] + skip_cost[2:]
        steps[t] = options.argmax(0)
        best = options[steps[t], columns] + scores[t]
    state = n_states - 1 if best[-1] >= best[-2] else n_states - 2
    path = np.zeros(n_frames, dtype=np.int64)
    for t in range(n_frames - 1, -1, -1):
        path[t] = state
        state -= steps[t, state]
    return path


def _keep(
    path: Path, clips: Sequence[Packed], found: list[NDArray[np.int64]]
) -> dict[str, NDArray[np.int64]]:
    names = [clip.name for clip in clips]
    aside = path.with_suffix(".new.npz")
    np.savez(
        aside,
        names=np.array(names),
        lengths=np.array([len(frames) for frames in found]),
        frames=np.concatenate(found),
    )
    aside.replace(path)
    return dict(zip(names, found, strict=True))


def _kept(path: Path, clips: Sequence[Packed]) -> dict[str, NDArray[np.int64]] | None:
    """What was kept, unless some of these clips have joined since."""
    if not path.exists():
        return None
    with np.load(path) as stored:
        ends = np.cumsum(stored["lengths"])[:-1]
        kept = dict(zip(stored["names"], np.split(stored["frames"], ends), strict=True))
    return kept if all(clip.name in kept for clip in clips) else None
