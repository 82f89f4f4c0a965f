"""What the trained encoder hears in every clip: semantic tokens, and the phoneme of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from tiny.packing import N_RATES
from voicepipe.model.phonetic import MEL

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from tiny.listening import Lessons, Listener
    from tiny.packing import Pack, Packed

CLOSING_TOKENS: Final = 15
"""Of the silence that follows every reference clip: 0.6 s."""

_FRAMES_PER_TOKEN = 4
_SILENCE = float(np.log(1e-3))
_BATCH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A clip at one of its rates as the two stages see it."""

    tokens: NDArray[np.int64]
    """Of the clip and of the silence after it."""
    phonemes: NDArray[np.int64]
    """Index of the phoneme of each token of the clip itself."""

    @property
    def own_tokens(self) -> NDArray[np.int64]:
        """Without the silence."""
        return self.tokens[: len(self.phonemes)]


def hear_all(pack: Pack, lessons: Lessons, listener: Listener, path: Path) -> None:
    """Write the tokens of every clip at every rate."""
    clips = sorted(pack.clips, key=lambda clip: clip.places["mel"][0][1])
    heard: dict[str, Spoken] = {}
    for rate in range(N_RATES):
        for start in range(0, len(clips), _BATCH):
            rows = clips[start : start + _BATCH]
            for clip, tokens in zip(rows, _tokens(pack, rows, rate, listener), strict=True):
                n_own = len(tokens) - CLOSING_TOKENS
                phonemes = _steadily(lessons.phonemes(clip, rate, 2 * n_own))
                heard[_key(clip, rate)] = Spoken(tokens=tokens, phonemes=phonemes)
        print(f"heard every clip at rate {rate + 1} of {N_RATES}", flush=True)
    names = sorted(heard)
    aside = path.with_suffix(".new.npz")
    np.savez(
        aside,
        names=np.array(names),
        tokens=np.concatenate([heard[name].tokens for name in names]).astype(np.int16),
        phonemes=np.concatenate([heard[name].phonemes for name in names]).astype(np.int16),
        lengths=np.array([len(heard[name].phonemes) for name in names]),
    )
    aside.replace(path)


class SpokenClips:
    """The tokens of all clips, in memory."""

    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            lengths = stored["lengths"]
            tokens = np.split(
                stored["tokens"].astype(np.int64), np.cumsum(lengths + CLOSING_TOKENS)
            )
            phonemes = np.split(stored["phonemes"].astype(np.int64), np.cumsum(lengths))
            self._spoken = {
                str(name): Spoken(tokens=t, phonemes=p)
                for name, t, p in zip(stored["names"], tokens[:-1], phonemes[:-1], strict=True)
            }

    def of(self, clip: Packed, rate: int) -> Spoken:
        """Give a clip at a rate."""
        return self._spoken[_key(clip, rate)]


@torch.inference_mode()
def _tokens(
    pack: Pack, clips: list[Packed], rate: int, listener: Listener
) -> list[NDArray[np.int64]]:
    mels = [pack.mel(clip, rate) for clip in clips]
    n_tokens = [len(mel) // _FRAMES_PER_TOKEN + CLOSING_TOKENS for mel in mels]
    batch = torch.full((len(mels), MEL.n_mels, max(n_tokens) * _FRAMES_PER_TOKEN), _SILENCE)
    for row, mel in enumerate(mels):
        batch[row, :, : len(mel)] = torch.from_numpy(mel.T)
    tokens = listener.tokens(batch).numpy()
    return [row[:n] for row, n in zip(tokens, n_tokens, strict=True)]


def _steadily(frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """One phoneme a token, and in a pause the one before it."""
    pairs = frames.reshape(-1, 2)
    phonemes = np.where(pairs[:, 0] >= 0, pairs[:, 0], pairs[:, 1])
    return np.maximum.accumulate(phonemes).clip(min=0)


def _key(clip: Packed, rate: int) -> str:
    return f"{clip.name}|{rate}"
