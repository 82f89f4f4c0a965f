"""Punctuation that several front ends read alike."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FULL_WIDTH: Final[Mapping[str, str]] = MappingProxyType(
    {
        "：": ",",
        "；": ",",
        "，": ",",
        "。": ".",
        "！": "!",
        "？": "?",
        "\n": ".",
        "·": ",",
        "、": ",",
    }
)
"""East Asian punctuation and line ends → what the models were taught."""

SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(";:/|~〜～–—―", ","),
        **dict.fromkeys("．｡", "."),
        "､": ",",
        "‥": "…",
        "⋯": "…",
    }
)
"""Further signs that Japanese and Korean pause for in the spoken style."""
