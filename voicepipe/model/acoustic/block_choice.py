"""Whether a generator's residual blocks are computed by machine code of ours: measured once.

The choice is kept for the machine; `VOICEPIPE_KERNELS` makes it where it is set.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch

from voicepipe.model.acoustic.packed_blocks import PackedBlocks
from voicepipe.model.acoustic.vocoder import ResidualBlock, lay_out_channels_last
from voicepipe.model.kernels.choice import attention_kernel, forced_kernels
from voicepipe.model.kernels.kept_choice import KeptChoice
from voicepipe.model.kernels.product_kernels import ProductKernel
from voicepipe.user_cache import cache_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_OWN: Final = ProductKernel.MACHINE_CODE.value
_LIBRARY: Final = "library"
_LEVELS: Final = ((128, 256), (32, 2048))
"""Channels and frames of what is measured: most of a line's work is in levels like these."""
_KERNEL_SIZE: Final = 7
_TRIED_FRAMES: Final = 40
_TURNS: Final = 4
_NEAR: Final = 1e-4


def packs_float32() -> bool:
    """Say whether blocks of float32 are computed by our own code here.

    Raises:
        UsageError: `VOICEPIPE_KERNELS` has a value that is none.
    """
    return _choice(forced_kernels(), str(cache_folder())) == _OWN


@lru_cache
def _choice(forced: str, _cache: str) -> str:
    if forced or not attention_kernel().is_machine_code:
        return _OWN if forced == _OWN else _LIBRARY
    kept = KeptChoice(
        "blocks",
        {"levels": [list(level) for level in _LEVELS]},
        options=[_OWN, _LIBRARY],
        is_sound=lambda name: name == _LIBRARY or _is_right(),
    )
    return kept.choose(measure)


def measure(names: Sequence[str]) -> Mapping[str, float]:
    """Time ways of computing blocks, in turns: seconds of a core, the least of all turns."""
    ways = {name: [_way(name, *level) for level in _LEVELS] for name in names}
    best = dict.fromkeys(names, float("inf"))
    for _ in range(_TURNS):
        for name, works in ways.items():
            start = time.thread_time()
            for work in works:
                work()
            best[name] = min(best[name], time.thread_time() - start)
    return best


def _is_right() -> bool:
    return all(_gives_the_same(width) for width, _ in _LEVELS)


def _gives_the_same(width: int) -> bool:
    found, expected = (_way(name, width, _TRIED_FRAMES)() for name in (_OWN, _LIBRARY))
    return float((found - expected).abs().max()) <= _NEAR * float(expected.abs().max())


def _way(name: str, width: int, n_frames: int) -> Callable[[], torch.Tensor]:
    numbers = torch.Generator().manual_seed(width)
    block = ResidualBlock(width, _KERNEL_SIZE, (1, 3)).requires_grad_(requires_grad=False)
    for weight in block.parameters():
        weight.copy_(torch.randn(weight.shape, generator=numbers) / (width * _KERNEL_SIZE) ** 0.5)
    lay_out_channels_last(block)
    frames = torch.randn(1, width, 1, n_frames, generator=numbers)
    frames = frames.contiguous(memory_format=torch.channels_last)
    packed = PackedBlocks([block.pairs()], torch.float32) if name == _OWN else block
    return lambda: packed(frames)
