"""Which passage of a long reference clip leads a line: whole sentences, from pause to pause.

The smallest family learnt from clips of a few seconds, and mumbles after longer ones. Timbre is
still taken from the whole clip. Torch-free.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.text.symbols import PUNCTUATION, symbol_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.model.semantic.spoken_borders import Extent

_SYMBOLS = "v2"  # of the smallest family
_SHORTEST_S, _BEST_S, _LONGEST_S = 1.5, 3.0, 5.0
_FRAME_S = 0.02
_ENDS = frozenset(".!?…")
_AMID_A_SENTENCE_S = 1.5  # of length that it is worth not to end in one
_BEGUN_AMID_S = 0.5
_UNMARKED_S = 3.0  # at a pause that no mark asks for
_WITHOUT_PAUSE_S = 6.0
_LOOKED_AT_S, _QUIET_S = 0.12, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """Part of a clip."""

    start_s: float
    end_s: float
    phoneme_ids: tuple[int, ...]
    """Of its words; ends with a mark that ends a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenClip:
    """A clip whose phonemes have been found in it."""

    sound: AudioClip
    phoneme_ids: tuple[int, ...]
    """Of the transcript, marks included."""
    places: tuple[int, ...]
    """Of the phonemes that sound, among those ids."""
    extents: tuple[Extent, ...]
    """Of each of them, in frames of 20 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Border:
    n_phonemes: int
    """Before it, marks included."""
    at_s: float
    begun_s: float
    """What beginning here costs, as seconds of length."""
    ended_s: float
    """What ending here costs."""


def best_passage(clip: SpokenClip) -> Passage:
    """Choose the passage whose length is nearest to what the stage learnt from.

    Args:
        clip: Longer than `passage_facts.LONGEST_S`.
    """
    symbols = symbol_table(_SYMBOLS)
    borders = _borders(clip, symbols.symbols)
    pairs = [
        (start, end)
        for start, end in combinations(borders, 2)
        if _SHORTEST_S <= end.at_s - start.at_s <= _LONGEST_S
    ]
    if not pairs:  # a single sound longer than that is no speech
        pairs = [(borders[0], borders[-1])]
    start, end = min(pairs, key=_cost)
    said = list(clip.phoneme_ids[start.n_phonemes : end.n_phonemes])
    while said and symbols.symbols[said[-1]] in PUNCTUATION:
        said.pop()
    last = clip.phoneme_ids[end.n_phonemes - 1]
    closing = last if symbols.symbols[last] in _ENDS else symbols.ids["."]
    return Passage(start_s=start.at_s, end_s=end.at_s, phoneme_ids=(*said, closing))


def _cost(pair: tuple[_Border, _Border]) -> float:
    start, end = pair
    return abs(end.at_s - start.at_s - _BEST_S) + start.begun_s + end.ended_s


def _borders(clip: SpokenClip, symbols: Sequence[str]) -> list[_Border]:
    """The ends of the clip, and where a phoneme sounds no more and the next one not yet."""
    whole = len(clip.phoneme_ids)
    found = [_Border(n_phonemes=0, at_s=0.0, begun_s=0.0, ended_s=0.0)]
    for number in range(len(clip.places) - 1):
        here, following = clip.places[number : number + 2]
        marks = {symbols[i] for i in clip.phoneme_ids[here + 1 : following]} & PUNCTUATION
        gap = clip.extents[number].end, clip.extents[number + 1].start
        if marks:
            is_end = bool(marks & _ENDS)
            begun_s = 0.0 if is_end else _BEGUN_AMID_S
            ended_s = 0.0 if is_end else _AMID_A_SENTENCE_S
        else:
            begun_s = ended_s = _UNMARKED_S if gap[1] > gap[0] else _WITHOUT_PAUSE_S
        at_s = _quietest(clip.sound, gap[0] * _FRAME_S, gap[1] * _FRAME_S)
        found.append(_Border(n_phonemes=following, at_s=at_s, begun_s=begun_s, ended_s=ended_s))
    end_s = clip.sound.duration_s
    return [*found, _Border(n_phonemes=whole, at_s=end_s, begun_s=0.0, ended_s=0.0)]


def _quietest(sound: AudioClip, start_s: float, end_s: float) -> float:
    """The quietest moment about a pause: frames that name phonemes are not that exact."""
    rate, size = sound.sample_rate, round(_QUIET_S * sound.sample_rate)
    # What follows a clip is silence that is heard with it: a phoneme may be found there.
    first = min(max(0, round((start_s - _LOOKED_AT_S) * rate)), sound.n_samples - size)
    last = max(first + size, min(sound.n_samples, round((end_s + _LOOKED_AT_S) * rate)))
    power: NDArray[np.float64] = sound.samples[first:last].astype(np.float64) ** 2
    sums = np.cumsum(np.concatenate(([0.0], power)))
    return (first + int(np.argmin(sums[size:] - sums[:-size])) + size // 2) / rate
