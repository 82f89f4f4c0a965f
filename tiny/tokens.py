"""What the trained encoder hears in every clip: semantic tokens, and the phoneme of each.

Every clip is heard twice. Once as a reference clip is, by ear alone. And once with its text at
hand: a token then also has to be one that is usually heard where its phonemes are spoken. A quarter
of the tokens heard by ear name a wrong phoneme; what both stages learn to say should not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from tiny.packing import N_RATES
from voicepipe.model.encoders.phonetic import MEL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from tiny.listening import Lessons, Listener
    from tiny.packing import Pack, Packed

CLOSING_TOKENS: Final = 15
"""Of the silence that follows every reference clip: 0.6 s."""

_FRAMES_PER_TOKEN = 4
_SILENCE = float(np.log(1e-3))
_BATCH = 32
_TEXT_WEIGHT = 0.4  # of a nat of the text's against the usual squared distance from a code
_UNSEEN = 0.02  # what every code is thought to have been heard for, in frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A clip at one of its rates as the two stages see it."""

    tokens: NDArray[np.int64]
    """By ear, of the clip and of the silence after it."""
    meant: NDArray[np.int64]
    """With the text at hand, of the clip and of the silence after it."""
    phonemes: NDArray[np.int64]
    """Index of the phoneme of each token of the clip itself."""


class _Heard(NamedTuple):
    """A clip at a rate on its way."""

    features: NDArray[np.float16]
    """(T, C), the silence included."""
    classes: NDArray[np.int64]
    """(T - closing, 2): the phonemes of both frames of each token."""


def hear_all(pack: Pack, lessons: Lessons, listener: Listener, path: Path) -> None:
    """Write the tokens of every clip at every rate."""
    own = {_key(clip, rate) for clip in pack.clips for rate in range(N_RATES)}
    clips = sorted((*pack.clips, *pack.further), key=lambda clip: clip.places["mel"][0][1])
    heard: dict[str, _Heard] = {}
    phonemes: dict[str, NDArray[np.int64]] = {}
    for rate in range(N_RATES):
        for start in range(0, len(clips), _BATCH):
            rows = clips[start : start + _BATCH]
            for clip, features in zip(rows, _features(pack, rows, rate, listener), strict=True):
                n_frames = 2 * (len(features) - CLOSING_TOKENS)
                classes = lessons.classes(clip, rate, n_frames).reshape(-1, 2)
                heard[_key(clip, rate)] = _Heard(features, classes)
                phonemes[_key(clip, rate)] = _steadily(lessons.phonemes(clip, rate, n_frames))
        print(f"heard every clip at rate {rate + 1} of {N_RATES}", flush=True)
    codes = listener.codes.embed
    tokens, error = {}, 0.0
    for name, row in heard.items():
        distances = _distances(row.features, codes)
        tokens[name] = distances.argmin(1)
        error += float(distances.min(1).sum()) if name in own else 0.0
    usual = {name: row for name, row in heard.items() if name in own}
    error /= sum(len(row.features) for row in usual.values())
    weights = _text_weights(usual, tokens, error, (lessons.n_classes, len(codes)))
    meant = {name: _meant(row, tokens[name], codes, weights) for name, row in heard.items()}
    names = sorted(heard)
    aside = path.with_suffix(".new.npz")
    np.savez(
        aside,
        names=np.array(names),
        tokens=np.concatenate([tokens[name] for name in names]).astype(np.int16),
        meant=np.concatenate([meant[name] for name in names]).astype(np.int16),
        phonemes=np.concatenate([phonemes[name] for name in names]).astype(np.int16),
        lengths=np.array([len(phonemes[name]) for name in names]),
    )
    aside.replace(path)


class SpokenClips:
    """The tokens of all clips, in memory."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            lengths = stored["lengths"]
            ends = {"phonemes": np.cumsum(lengths)}
            ends["tokens"] = ends["meant"] = np.cumsum(lengths + CLOSING_TOKENS)
            columns = {
                kind: np.split(stored[kind].astype(np.int64), places)[:-1]
                for kind, places in ends.items()
            }
            self._spoken = {
                str(name): Spoken(**{kind: column[row] for kind, column in columns.items()})
                for row, name in enumerate(stored["names"])
            }

    def of(self, clip: Packed, rate: int) -> Spoken:
        """Give a clip at a rate."""
        return self._spoken[_key(clip, rate)]


@torch.inference_mode()
def _features(
    pack: Pack, clips: list[Packed], rate: int, listener: Listener
) -> list[NDArray[np.float16]]:
    mels = [pack.mel(clip, rate) for clip in clips]
    n_tokens = [len(mel) // _FRAMES_PER_TOKEN + CLOSING_TOKENS for mel in mels]
    batch = torch.full((len(mels), MEL.n_mels, max(n_tokens) * _FRAMES_PER_TOKEN), _SILENCE)
    for row, mel in enumerate(mels):
        batch[row, :, : len(mel)] = torch.from_numpy(mel.T)
    features = listener.features(batch)[1].transpose(1, 2).to(torch.float16).numpy()
    return [row[:n] for row, n in zip(features, n_tokens, strict=True)]


def _distances(features: NDArray[np.float16], codes: Tensor) -> NDArray[np.float32]:
    """(T, N) squared distances of features from codes."""
    rows = torch.from_numpy(features.astype(np.float32))
    distances: NDArray[np.float32] = torch.cdist(rows, codes).square().numpy()
    return distances


def _text_weights(
    heard: Mapping[str, _Heard],
    tokens: Mapping[str, NDArray[np.int64]],
    error: float,
    shape: tuple[int, int],
) -> NDArray[np.float32]:
    """What text is worth against distances, `error` being usual; (classes, codes), at most 0."""
    counts = np.zeros(shape)
    for name, row in heard.items():
        own = tokens[name][: len(row.classes)]
        for column in row.classes.T:
            np.add.at(counts, (column, own), 1)
    usual = counts.sum(1, keepdims=True) / counts.sum()
    chances = (counts + _UNSEEN * usual) / (counts.sum(0) + _UNSEEN)
    weights: NDArray[np.float32] = (_TEXT_WEIGHT * error * np.log(chances)).astype(np.float32)
    return weights


def _meant(
    row: _Heard, tokens: NDArray[np.int64], codes: Tensor, weights: NDArray[np.float32]
) -> NDArray[np.int64]:
    """The tokens with the text at hand; the silence after the clip has none."""
    n_own = len(row.classes)
    distances = _distances(row.features[:n_own], codes)
    costs = distances - weights[row.classes[:, 0]] - weights[row.classes[:, 1]]
    return np.concatenate((costs.argmin(1), tokens[n_own:]))


def _steadily(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """One phoneme a token, and in a pause the one before it."""
    pairs = frames.reshape(-1, 2)
    phonemes = np.where(pairs[:, 0] >= 0, pairs[:, 0], pairs[:, 1])
    return np.maximum.accumulate(phonemes).clip(min=0)


def _key(clip: Packed, rate: int) -> str:
    return f"{clip.name}|{rate}"
