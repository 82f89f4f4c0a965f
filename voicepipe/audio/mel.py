"""The mel scale: how far apart tones sound, by their frequency.

Source: the formula of HTK (Young et al., The HTK Book).
"""

from __future__ import annotations

import math
from typing import Any, Final, Protocol, TypeVar


class _Scaled(Protocol):
    """A number or an array of any library: what the formula is worked out on."""

    def __truediv__(self, other: int, /) -> Any: ...  # noqa: ANN401


Mels = TypeVar("Mels", bound=_Scaled)

CORNER_HZ: Final = 700
MELS_A_DECADE: Final = 2595
"""Mels by which a tone rises when its distance from minus `CORNER_HZ` grows tenfold."""


def mel_of(hz: float) -> float:
    """Place a frequency on the mel scale."""
    return MELS_A_DECADE * math.log10(1 + hz / CORNER_HZ)


def hz_of(mels: Mels) -> Mels:
    """Give the frequencies of places on the mel scale, Hz."""
    frequencies: Mels = CORNER_HZ * (10 ** (mels / MELS_A_DECADE) - 1)
    return frequencies
