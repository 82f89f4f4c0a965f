"""Guesses the sound of a word from its letters, with the small network that g2p_en ships.

Only the weights are read (plain arrays, no pickles); g2p_en's own code would look for
data on the network when imported.

Source: Park and Kim, g2p_en 2.1: one GRU reads the letters, another writes ARPAbet.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.text.en.g2p_en_files import g2p_en_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
_VOWELS = ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
_CONSONANTS = [
    "B",
    "CH",
    "D",
    "DH",
    "F",
    "G",
    "HH",
    "JH",
    "K",
    "L",
    "M",
    "N",
    "NG",
    "P",
    "R",
    "S",
    "SH",
    "T",
    "TH",
    "V",
    "W",
    "Y",
    "Z",
    "ZH",
]
_START, _END = 2, 3
_LONGEST_ANSWER = 20
"""Phonemes the network may write; it was trained on single words."""
_LONGEST_WORD = 48


def _phonemes() -> tuple[str, ...]:
    stressed = [f"{vowel}{stress}" for vowel in _VOWELS for stress in "012"]
    # The bare UW is a slip in the training data; it holds a row, so it must stay.
    return ("<pad>", "<unk>", "<s>", "</s>", *sorted([*stressed, *_CONSONANTS, "UW"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One GRU's weights."""

    embedding: NDArray[np.float32]
    input_weight: NDArray[np.float32]
    state_weight: NDArray[np.float32]
    input_bias: NDArray[np.float32]
    state_bias: NDArray[np.float32]

    def step(self, symbol: int, state: NDArray[np.float32]) -> NDArray[np.float32]:
        """Read one symbol; states are vectors of 128."""
        fed = self.embedding[symbol] @ self.input_weight.T + self.input_bias
        hidden = state @ self.state_weight.T + self.state_bias
        width = state.shape[0]
        gates = 1 / (1 + np.exp(-(fed[: 2 * width] + hidden[: 2 * width])))
        reset, update = gates[:width], gates[width:]
        candidate = np.tanh(fed[2 * width :] + reset * hidden[2 * width :])
        mixed: NDArray[np.float32] = (1 - update) * candidate + update * state
        return mixed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Network:
    encoder: _Cell
    decoder: _Cell
    output_weight: NDArray[np.float32]
    output_bias: NDArray[np.float32]


@cache
def _network() -> _Network:
    without = "words that no dictionary lists cannot be read"
    with np.load(g2p_en_file("checkpoint20.npz", without=without), allow_pickle=False) as arrays:
        cells = [
            _Cell(
                embedding=arrays[f"{side}_emb"],
                input_weight=arrays[f"{side}_w_ih"],
                state_weight=arrays[f"{side}_w_hh"],
                input_bias=arrays[f"{side}_b_ih"],
                state_bias=arrays[f"{side}_b_hh"],
            )
            for side in ("enc", "dec")
        ]
        return _Network(
            encoder=cells[0],
            decoder=cells[1],
            output_weight=arrays["fc_w"],
            output_bias=arrays["fc_b"],
        )


@lru_cache(maxsize=1 << 12)
def guess(word: str) -> tuple[str, ...]:
    """Guess how a word sounds.

    Args:
        word: Lower case; letters beyond a to z count as unknown, beyond 48 as unwritten.

    Returns:
        ARPAbet with stress digits, at most 20; `UNK` where the network does not know.
    """
    network = _network()
    state = np.zeros(network.encoder.state_weight.shape[1], dtype=np.float32)
    for letter in _letter_ids(word[:_LONGEST_WORD]):
        state = network.encoder.step(letter, state)
    said: list[str] = []
    symbol = _START
    for _ in range(_LONGEST_ANSWER):
        state = network.decoder.step(symbol, state)
        symbol = int((state @ network.output_weight.T + network.output_bias).argmax())
        if symbol == _END:
            break
        said.append(_phonemes()[symbol])
    return tuple("UNK" if p == "<unk>" else p for p in said if p not in {"<pad>", "<s>", "UW"})


def _letter_ids(word: str) -> Iterable[int]:
    known = {letter: index for index, letter in enumerate(_LETTERS)}
    yield from (known.get(letter, known["<unk>"]) for letter in word)
    yield known["</s>"]
