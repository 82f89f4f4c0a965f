"""How much work one second of speech costs the acoustic decoder, on one core.

    OMP_NUM_THREADS=1 python benchmarks/decoder.py [--seconds 2 5 10] [--repeats 5] [--json FILE]

The network is a v2 decoder at full size with random weights: speed does not depend on them. CPU
time of the process is counted, so waiting does not count, but a busy neighbour on the same physical
core does; the best of the repeats is nearest to the truth.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from voicepipe.model.acoustic.config import (
    AcousticConfig,
    EncoderConfig,
    GatedConvConfig,
    GeneratorConfig,
    LatentDecoderConfig,
    SpectrogramConfig,
)
from voicepipe.model.acoustic.networks import LatentSynthesizer
from voicepipe.model.acoustic.vocoder import lay_out_channels_last
from voicepipe.model.noise import latent_noise

if TYPE_CHECKING:
    from collections.abc import Callable

STYLE_WIDTH = 512
TOKENS_PER_SECOND = 25
N_SYMBOLS = 732
DECODER = LatentDecoderConfig(
    latent_width=192,
    n_flows=4,
    flow=GatedConvConfig(width=192, kernel_size=5, n_layers=4),
    generator=GeneratorConfig(
        input_width=192,
        width=512,
        upsample_rates=(10, 8, 2, 2, 2),
        upsample_kernels=(16, 16, 8, 2, 2),
        style_width=STYLE_WIDTH,
    ),
)
CONFIG = AcousticConfig(
    spectrogram=SpectrogramConfig(sample_rate=32_000, n_fft=2048, hop_length=640, win_length=2048),
    n_symbols=N_SYMBOLS,
    style_bins=704,
    style_width=STYLE_WIDTH,
    speaker_width=None,
    latent_width=192,
    encoder=EncoderConfig(),
    latent=DECODER,
    mel=None,
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, nargs="+", default=[2.0, 5.0, 10.0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    network = LatentSynthesizer(CONFIG, DECODER).eval().requires_grad_(requires_grad=False)
    lay_out_channels_last(network)
    rows = [measure(network, seconds, options.repeats) for seconds in options.seconds]
    print("core-seconds per second of speech, best of", options.repeats)
    print(f"{'line':>6} {'prior':>8} {'flow':>8} {'generator':>10} {'total':>8} {'median':>8}")
    for row in rows:
        print(
            f"{row['seconds']:5.1f}s {row['prior']:8.3f} {row['flow']:8.3f} "
            f"{row['generator']:10.3f} {row['total']:8.3f} {row['total_median']:8.3f}"
        )
    if options.json:
        report = {"torch": torch.__version__, "cpu": platform.processor(), "rows": rows}
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


@torch.inference_mode()
def measure(network: LatentSynthesizer, seconds: float, repeats: int) -> dict[str, float]:
    """Time the parts of one line and the whole of it."""
    n_tokens = round(seconds * TOKENS_PER_SECOND)
    tokens = torch.arange(n_tokens)[None] * 37 % 1024
    phonemes = [torch.arange(max(1, round(seconds * 12))) % N_SYMBOLS]
    style = latent_noise(1, 1, STYLE_WIDTH)[None]
    noise = latent_noise(2, 2 * n_tokens, CONFIG.latent_width)[None]
    prior = network.prior(tokens, phonemes, style)
    latent = network.latent(prior, style, noise, 0.5)

    def whole() -> None:
        made = network.prior(tokens, phonemes, style)
        network(network.latent(made, style, noise, 0.5), style)

    parts: dict[str, Callable[[], object]] = {
        "prior": lambda: network.prior(tokens, phonemes, style),
        "flow": lambda: network.latent(prior, style, noise, 0.5),
        "generator": lambda: network(latent, style),
        "total": whole,
    }
    row = {"seconds": seconds}
    for name, part in parts.items():
        times = sorted(core_seconds(part) / seconds for _ in range(repeats))
        row[name] = times[0]
        row[f"{name}_median"] = times[len(times) // 2]
    return row


def core_seconds(part: Callable[[], object]) -> float:
    """CPU time of one call."""
    start = time.process_time()
    part()
    return time.process_time() - start


if __name__ == "__main__":
    main()
