"""Products by pieces of rows and in 8 bits: a row's result is its own in any batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from voicepipe.errors import EnvironmentFault
from voicepipe.model.config import SemanticConfig
from voicepipe.model.kernels import choice, machine_code, plain_int8
from voicepipe.model.kernels.choice import (
    KERNELS_VARIABLE,
    PLAIN,
    int8_kernel,
    require_precision,
)
from voicepipe.model.kernels.int8_product import ByteProduct, suits_bytes
from voicepipe.model.kernels.library_products import MklProduct, has_mkl, steady_counts
from voicepipe.model.kernels.plain_int8 import PlainInt8Product, float_sums, library_is_exact
from voicepipe.model.kernels.product_choice import product_kernels
from voicepipe.model.kernels.product_kernels import ProductKernel
from voicepipe.model.kernels.products import Product, product_of
from voicepipe.model.kernels.rows import COUNTS, ROWS, row_pieces, whole_rows
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.generation import SemanticRequest, generate_semantic
from voicepipe.model.semantic.kv_cache import KvCache
from voicepipe.model.semantic.sampling import SamplingSettings
from voicepipe.model.semantic.stage import SemanticStage

CONFIG = SemanticConfig(
    n_layers=2,
    width=192,
    n_heads=4,
    feedforward_width=768,
    vocabulary_size=65,
    phoneme_vocabulary_size=40,
    eos_id=64,
    bert_width=8,
)


def stage(precision: Precision) -> SemanticStage:
    """A stage of a small model's width, its weights by a fixed seed."""
    made = SemanticStage(CONFIG).eval()
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for name, parameter in made.named_parameters():
            if parameter.ndim > 1 or name.endswith("bias"):
                parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.08)
    return made.pack(precision)


def laid_out(weight: torch.Tensor, bias: torch.Tensor | None, precision: Precision) -> Product:
    return product_of(weight, bias, precision, product_kernels()[0])


def request(seed: int) -> SemanticRequest:
    rng = np.random.default_rng(seed)
    return SemanticRequest(
        phoneme_ids=tuple(rng.integers(0, 40, int(rng.integers(2, 50))).tolist()),
        prompt_tokens=tuple(rng.integers(0, 64, int(rng.integers(0, 60))).tolist()),
        seed=seed,
        settings=SamplingSettings(max_tokens=int(rng.integers(3, 25)), temperature=1.3),
    )


@pytest.mark.parametrize(
    ("precision", "kernels"),
    [
        (Precision.FLOAT32, ""),
        (Precision.FLOAT32, PLAIN),
        (Precision.INT8, ""),
        (Precision.INT8, PLAIN),
        (Precision.BFLOAT16, ""),
    ],
)
def test_lines_say_the_same_in_every_batch(
    precision: Precision, kernels: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KERNELS_VARIABLE, kernels)
    made = stage(precision)
    requests = [request(seed) for seed in range(36)]
    alone = [generate_semantic(made, [r], n_slots=1, max_length=160)[0] for r in requests]
    assert len({outcome.tokens for outcome in alone}) == len(requests)
    rng = np.random.default_rng(3)
    for n_slots in (2, 3, 5, 8, 13, 21, 31, 32, 33):
        order = rng.permutation(len(requests))
        together = generate_semantic(
            made, [requests[i] for i in order], n_slots=n_slots, max_length=160
        )
        assert list(together) == [alone[i] for i in order], n_slots


@pytest.mark.parametrize("kernel", product_kernels())
@pytest.mark.parametrize(("n_outputs", "n_inputs"), [(192, 768), (576, 192), (2048, 512), (65, 10)])
def test_a_row_s_product_is_its_own(kernel: ProductKernel, n_outputs: int, n_inputs: int) -> None:
    assert_own_rows(n_outputs, n_inputs, Precision.FLOAT32, kernel)


@pytest.mark.parametrize("kernels", ["", PLAIN])
@pytest.mark.parametrize("precision", [Precision.INT8, Precision.BFLOAT16])
@pytest.mark.parametrize(("n_outputs", "n_inputs"), [(192, 768), (48, 96), (2048, 512), (65, 10)])
def test_a_row_s_rounded_product_is_its_own(
    precision: Precision,
    kernels: str,
    n_outputs: int,
    n_inputs: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KERNELS_VARIABLE, kernels)
    assert_own_rows(n_outputs, n_inputs, precision, ProductKernel.PLAIN)


def assert_own_rows(
    n_outputs: int, n_inputs: int, precision: Precision, kernel: ProductKernel
) -> None:
    generator = torch.Generator().manual_seed(n_outputs)
    weight = torch.randn(n_outputs, n_inputs, generator=generator)
    bias = torch.randn(n_outputs, generator=generator)
    rows = torch.randn(70, n_inputs, generator=generator) * torch.logspace(-3, 3, 70)[:, None]
    product = product_of(weight, bias, precision, kernel)
    whole = product(rows)
    assert whole.shape == (70, n_outputs)
    for start, stop in ((0, 1), (3, 20), (5, 5 + ROWS), (38, 70)):
        assert torch.equal(product(rows[start:stop]), whole[start:stop])
    others = torch.full((40, n_inputs), float("nan"))
    others[17] = rows[60]
    among = product(others)
    assert torch.equal(among[17], whole[60])
    assert not torch.isfinite(among[16]).any()


def test_laid_out_products_are_the_plain_ones_within_rounding() -> None:
    generator = torch.Generator().manual_seed(1)
    weight, bias = torch.randn(96, 64, generator=generator), torch.randn(96, generator=generator)
    rows = torch.randn(45, 64, generator=generator)
    plain = (rows.double() @ weight.double().T + bias.double()).float()
    for kernel in product_kernels():
        product = product_of(weight, bias, Precision.FLOAT32, kernel)
        torch.testing.assert_close(product(rows), plain, rtol=0, atol=1e-4)


@pytest.mark.parametrize("n_inputs", [10, 96, 512])
def test_products_of_bfloat16_are_those_of_rounded_numbers(
    n_inputs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = torch.Generator().manual_seed(4)
    weight, rows = (torch.randn(n, n_inputs, generator=generator) for n in (96, 45))
    bias = torch.randn(96, generator=generator)
    exact = rows.bfloat16().double() @ weight.bfloat16().double().T + bias.double()
    for kernels in ("", PLAIN):
        monkeypatch.setenv(KERNELS_VARIABLE, kernels)
        product = laid_out(weight, bias, Precision.BFLOAT16)
        torch.testing.assert_close(product(rows).double(), exact, rtol=0, atol=1e-4)


def test_8_bit_products_are_off_by_what_rounding_to_127_steps_allows() -> None:
    generator = torch.Generator().manual_seed(2)
    weight, rows = (torch.randn(n, 256, generator=generator) for n in (48, 33))
    exact = rows.double() @ weight.double().T
    found = laid_out(weight, None, Precision.INT8)(rows).double()
    # Half a step of either factor against the other's largest value, summed up at worst.
    steps = rows.abs().amax(1, keepdim=True) * weight.abs().amax(1) / 254
    bound = steps.double() * (
        weight.abs().sum(1) / weight.abs().amax(1)
        + (rows.abs().sum(1, keepdim=True) / rows.abs().amax(1, keepdim=True))
        + 256 / 254
    )
    error = (found - exact).abs()
    assert (error <= bound).all()
    assert 0.001 < float(error.pow(2).mean().sqrt() / exact.pow(2).mean().sqrt()) < 0.03


def test_rows_of_zeros_stay_zeros_in_8_bits() -> None:
    product = laid_out(torch.randn(5, 8), None, Precision.INT8)
    assert torch.equal(product(torch.zeros(3, 8)), torch.zeros(3, 5))


@pytest.mark.parametrize(
    ("precision", "least"), [(Precision.INT8, 0.95), (Precision.BFLOAT16, 0.97)]
)
def test_rounded_scores_are_near_and_not_the_same(precision: Precision, least: float) -> None:
    ids, tokens = torch.arange(9) % 40, torch.arange(12) % 64
    scores = []
    for numbers in (Precision.FLOAT32, precision):
        made = stage(numbers)
        cache = KvCache(CONFIG, n_slots=1, max_length=30, dtype=made.cache_type)
        with torch.inference_mode():
            made.prefill(cache, 0, ids, tokens)
            scores.append(made.decode(cache, [0], [3])[0])
    exact, rough = scores
    assert not torch.equal(exact, rough)
    assert float(torch.corrcoef(torch.stack((exact, rough)))[0, 1]) > least


def test_where_the_library_is_not_exact_floats_add_up_the_same_integers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert library_is_exact()
    generator = torch.Generator().manual_seed(6)
    weight = torch.randint(-127, 128, (48, 2500), generator=generator, dtype=torch.int8)
    rows = torch.randint(-127, 128, (33, 2500), generator=generator, dtype=torch.int8)
    # The largest sums there are, of either sign.
    weight[:2], rows[0], rows[1] = 127, 127, -127
    assert torch.equal(float_sums(weight)(rows), torch._int_mm(rows, weight.t()))
    scales, bias = torch.rand(48, generator=generator), torch.rand(48, generator=generator)
    exact = PlainInt8Product(weight, scales, bias)(rows.float())
    monkeypatch.setattr(plain_int8, "library_is_exact", lambda: False)
    assert torch.equal(PlainInt8Product(weight, scales, bias)(rows.float()), exact)


def test_bytes_are_multiplied_to_the_library_s_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    if not int8_kernel().is_machine_code:
        pytest.skip(int8_kernel().reason)
    generator = torch.Generator().manual_seed(5)
    weight = torch.randn(80, 2048, generator=generator)
    bias = torch.randn(80, generator=generator)
    # The largest numbers of all: no partial sum may be cut off.
    weight[:2], weight[0, ::2] = 1.0, -1.0
    rows = torch.randn(35, 2048, generator=generator) * torch.logspace(-3, 3, 35)[:, None]
    rows[3], rows[4], rows[5] = 1.0, -1.0, 0.0
    found = laid_out(weight, bias, Precision.INT8)
    assert isinstance(found, ByteProduct)
    monkeypatch.setenv(KERNELS_VARIABLE, PLAIN)
    library = laid_out(weight, bias, Precision.INT8)
    assert isinstance(library, PlainInt8Product)
    torch.testing.assert_close(found(rows), library(rows), rtol=1e-6, atol=1e-6)
    assert torch.equal(found(rows)[3:6, 0], library(rows)[3:6, 0])


def test_odd_shapes_are_left_to_the_library() -> None:
    assert suits_bytes(64, 512)
    assert not suits_bytes(65, 512)
    assert not suits_bytes(512, 10)


@pytest.mark.parametrize(
    ("n_rows", "counts", "pieces"),
    [
        (0, COUNTS, ()),
        (1, COUNTS, (8,)),
        (9, COUNTS, (16,)),
        (32, COUNTS, (32,)),
        (33, COUNTS, (64,)),
        (64, COUNTS, (64,)),
        (160, COUNTS, (64, 64, 32)),
        (40, (32,), (32, 32)),
    ],
)
def test_rows_are_cut_into_products(
    n_rows: int, counts: tuple[int, ...], pieces: tuple[int, ...]
) -> None:
    assert row_pieces(n_rows, counts) == pieces
    if counts is COUNTS:
        assert whole_rows(n_rows) == sum(pieces)


@pytest.mark.skipif(not has_mkl(), reason="this torch has no MKL")
def test_numbers_of_rows_that_change_a_row_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = MklProduct._whole

    def unsteady(self: MklProduct, rows: torch.Tensor) -> torch.Tensor:
        return plain(self, rows) * (1.0 + 1e-6 * (rows.shape[0] == 16))

    monkeypatch.setattr(MklProduct, "_whole", unsteady)
    counts = steady_counts.__wrapped__(MklProduct, 96, 64)
    assert ROWS in counts
    assert 16 not in counts
    product = MklProduct(torch.randn(96, 64), None, (ROWS,))
    assert torch.equal(product(torch.ones(70, 64))[69], product(torch.ones(3, 64))[1])


@pytest.mark.parametrize(
    ("precision", "device"), [(Precision.INT8, "cuda"), (Precision.FLOAT16, "cpu")]
)
def test_a_precision_is_refused_where_it_makes_no_sense(precision: Precision, device: str) -> None:
    with pytest.raises(EnvironmentFault, match=precision.value) as caught:
        require_precision(precision, device)
    assert "use f" in caught.value.remedy
    require_precision(Precision.FLOAT32, device)


def test_bfloat16_is_refused_on_a_cpu_that_does_not_multiply_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choice._bfloat16_kernel.cache_clear()
    has_feature = machine_code.has_feature
    monkeypatch.setattr(
        machine_code, "has_feature", lambda name: name != "avx512bf16" and has_feature(name)
    )
    with pytest.raises(EnvironmentFault, match="bfloat16 is for CPUs that multiply") as caught:
        require_precision(Precision.BFLOAT16, "cpu")
    assert "use float32 or int8" in caught.value.remedy
    require_precision(Precision.BFLOAT16, "cuda")
    choice._bfloat16_kernel.cache_clear()


def test_8_bit_weights_stay_on_the_cpu() -> None:
    with pytest.raises(EnvironmentFault, match="for a CPU, not meta"):
        laid_out(torch.empty(4, 4, device="meta"), None, Precision.INT8)
