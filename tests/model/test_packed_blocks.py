"""A generator whose wide levels are in bfloat16: near float32, on either path, each line alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
import torch
from closeness import assert_equal_but_rounding
from torch.nn import functional

from voicepipe.model.acoustic.config import GeneratorConfig
from voicepipe.model.acoustic.packed_blocks import PackedBlocks
from voicepipe.model.acoustic.vocoder import Generator, lay_out_channels_last
from voicepipe.model.kernels.choice import KERNELS_VARIABLE, PLAIN, bfloat16_kernel
from voicepipe.model.kernels.frame_conv import FrameSums
from voicepipe.model.kernels.frames import Frames, PlainConvolution
from voicepipe.model.kernels.pair_conv import PairSums

if TYPE_CHECKING:
    from voicepipe.model.kernels.frames import FrameConvolution

SIZES = GeneratorConfig(
    input_width=8,
    width=128,
    upsample_rates=(4, 3, 2),
    upsample_kernels=(8, 5, 4),
    resblock_kernels=(3, 11),
    resblock_dilations=((1, 3), (1, 5)),
)


@pytest.fixture(params=["machine code", PLAIN], autouse=True)
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything holds on both paths."""
    if request.param == PLAIN:
        monkeypatch.setenv(KERNELS_VARIABLE, PLAIN)
    elif not bfloat16_kernel().is_machine_code:
        pytest.skip(bfloat16_kernel().reason)
    return str(request.param)


def generator() -> Generator:
    """One whose samples are neither silence nor clipped."""
    numbers = torch.Generator().manual_seed(3)
    made = Generator(SIZES).eval().requires_grad_(requires_grad=False)
    for parameter in made.parameters():
        wide = parameter[0].numel() if parameter.ndim > 1 else 100
        parameter.copy_(torch.randn(parameter.shape, generator=numbers) * 0.7 / math.sqrt(wide))
    lay_out_channels_last(made)
    return made


def latent(n_frames: int) -> torch.Tensor:
    return torch.randn(1, 8, n_frames, generator=torch.Generator().manual_seed(n_frames))


@pytest.mark.parametrize("n_frames", [1, 7, 40])
def test_samples_are_near_those_of_float32(n_frames: int) -> None:
    made = generator()
    exact = made(latent(n_frames))
    made.pack(torch.bfloat16)
    # 64, 32 and 16 channels: the last level is too narrow
    kinds = [blocks.dtype for _, blocks in sorted(made._packed.items())]
    assert kinds == [torch.bfloat16, torch.bfloat16, torch.float32]
    rough = made(latent(n_frames))
    assert rough.shape == exact.shape
    assert not torch.equal(rough, exact)
    noise = float((rough - exact).pow(2).mean() / exact.pow(2).mean())
    assert -10 * math.log10(noise) > 35, "dB of signal over noise"


def test_in_float32_they_are_the_same_within_rounding() -> None:
    made = generator()
    exact = made(latent(33))
    made.pack(torch.float32)
    assert len(made._packed) == 3
    assert_equal_but_rounding(made(latent(33)), exact)


def test_only_a_line_alone_on_a_cpu_without_gradients_is_rounded() -> None:
    made = generator()
    two = torch.cat((latent(9), -latent(9)))
    exact = made(two)
    made.pack(torch.bfloat16)
    assert torch.equal(made(two), exact)
    wanted = latent(9).requires_grad_()
    torch.testing.assert_close(made(wanted)[0], exact[0], rtol=0, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_same_line_is_the_same_samples_whatever_came_before(dtype: torch.dtype) -> None:
    made = generator()
    made.pack(dtype)
    first = made(latent(21))
    made(latent(50) * float("nan"))
    made(latent(3))
    assert torch.equal(made(latent(21)), first)


def test_blocks_that_cannot_be_laid_out_stay_as_they_are() -> None:
    even = GeneratorConfig(
        input_width=8,
        width=64,
        upsample_rates=(2,),
        upsample_kernels=(4,),
        resblock_kernels=(4,),
        resblock_dilations=((2,),),
    )
    made = Generator(even)
    made.pack(torch.bfloat16)
    assert not made._packed


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("n_channels", "n_outputs"), [(16, 16), (32, 48), (96, 32), (256, 64)])
@pytest.mark.parametrize(
    ("size", "dilation", "n_frames"), [(1, 1, 5), (3, 1, 32), (7, 3, 3), (11, 5, 70), (5, 1, 600)]
)
def test_a_convolution_of_frames_is_that_of_the_library(
    dtype: torch.dtype, n_channels: int, n_outputs: int, size: int, dilation: int, n_frames: int
) -> None:
    numbers = torch.Generator().manual_seed(n_channels + size)
    weight = torch.randn(n_outputs, n_channels, size, generator=numbers)
    bias = torch.randn(n_outputs, generator=numbers)
    given = torch.randn(n_frames, n_channels, generator=numbers)
    frames = Frames(n_frames, n_channels, margin=40, dtype=dtype, beyond=120)
    frames.fill(given)
    added = torch.randn(frames.room, n_outputs, generator=numbers)
    read = functional.leaky_relu(given, 0.1).to(dtype).double().t()[None]
    exact = functional.conv1d(
        read,
        weight.to(dtype).double(),
        bias.double(),
        padding=dilation * (size // 2),
        dilation=dilation,
    )[0].t()
    convs: list[FrameConvolution] = [PlainConvolution(weight, bias, dilation, dtype)]
    if bfloat16_kernel().is_machine_code:
        convs.append(FrameSums(weight, bias, dilation, dtype))
        if dtype is torch.float32 and size > 1:
            convs.append(PairSums(weight, bias, dilation))
    for conv in convs:
        out = torch.empty_like(added)
        rectified = Frames(n_frames, n_outputs, margin=1, dtype=dtype, beyond=120)
        conv(frames, added=added, out=out, rectified=rectified)
        expected = exact + added[:n_frames]
        error = 1e-5 * float(expected.abs().max())
        torch.testing.assert_close(out[:n_frames].double(), expected, rtol=0, atol=error)
        seen = rectified.memory[1 : 1 + n_frames]
        assert torch.equal(seen, functional.leaky_relu(out[:n_frames], 0.1).to(dtype))
        assert not rectified.memory[1 + n_frames :].any()
        conv(frames, rectified=rectified)
        again = torch.empty_like(added)
        conv(frames, out=again)
        torch.testing.assert_close(again[:n_frames].double(), exact, rtol=0, atol=error)
        conv(frames, added=added, out=added.clone())


def test_packed_blocks_are_the_mean_of_their_blocks(path: str) -> None:
    made = generator()
    blocks = made._blocks(0)
    packed = PackedBlocks([block.pairs() for block in blocks], torch.bfloat16)
    numbers = torch.randn(1, 64, 1, 33).contiguous(memory_format=torch.channels_last)
    exact = torch.stack([block(numbers) for block in blocks]).mean(0)
    found = packed(numbers)
    assert found.is_contiguous(memory_format=torch.channels_last), path
    assert float((found - exact).norm() / exact.norm()) < 0.01
