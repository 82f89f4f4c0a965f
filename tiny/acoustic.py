"""Teaching the acoustic stage to say tokens in the voice of a reference.

It hears stretches of joined sentences and says them again in the style of other clips by the same
speaker, and is judged by spectra alone, at four resolutions: the source-filter generator cannot
buzz or click, so nothing has to teach it not to. Once it speaks, it is taught what a speaker is:
mixed voices join in, and half of all stretches are coloured as their references are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import Tensor

from tiny.corpus import SAMPLE_RATE
from tiny.listening import N_CODES, WIDTH
from tiny.trainee import OneNetwork, Recipe, rounded_products
from voicepipe.model.acoustic.config import (
    AcousticConfig,
    EncoderConfig,
    GatedConvConfig,
    LatentDecoderConfig,
    SpectrogramConfig,
)
from voicepipe.model.acoustic.networks import LatentSynthesizer
from voicepipe.model.acoustic.source_filter_config import (
    PITCH_FIELD,
    RELATIVE_PITCH,
    SourceFilterConfig,
)
from voicepipe.model.training.saying_again import (
    OTHER_RESOLUTIONS,
    RESOLUTION,
    resolutions_of,
    say_again,
)
from voicepipe.text.symbols import symbol_table
from voicepipe.training.loops.loop import Validation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tiny.stretches import Stretches
    from voicepipe.model.training.saying_again import Attempt, Lesson

STYLE_WIDTH: Final = 192
LATENT_WIDTH: Final = 128
GENERATOR: Final = SourceFilterConfig(
    latent_width=LATENT_WIDTH,
    style_width=STYLE_WIDTH,
    width=192,
    n_slow_blocks=2,
    n_fast_blocks=3,
    n_bands=80,
    sample_rate=SAMPLE_RATE,
    n_fft=1024,
    hop_length=240,
    win_length=720,
)
CONFIG: Final = AcousticConfig(
    spectrogram=SpectrogramConfig(
        sample_rate=SAMPLE_RATE, n_fft=1024, hop_length=240, win_length=1024
    ),
    n_symbols=len(symbol_table("v2").symbols),
    style_bins=384,
    style_width=STYLE_WIDTH,
    speaker_width=None,
    latent_width=LATENT_WIDTH,
    encoder=EncoderConfig(width=128, filter_width=384, n_heads=2, n_layers=4),
    latent=LatentDecoderConfig(
        latent_width=LATENT_WIDTH,
        n_flows=0,
        flow=GatedConvConfig(width=128, kernel_size=5, n_layers=4),
        generator=GENERATOR,
    ),
    mel=None,
    content_width=WIDTH,
    codebook_size=N_CODES,
    text_style_width=STYLE_WIDTH,
)
SETTINGS: Final[dict[str, Any]] = {
    "model": {
        "inter_channels": LATENT_WIDTH,
        "hidden_channels": CONFIG.encoder.width,
        "filter_channels": CONFIG.encoder.filter_width,
        "n_heads": CONFIG.encoder.n_heads,
        "n_layers": CONFIG.encoder.n_layers,
        "kernel_size": CONFIG.encoder.kernel_size,
        "gin_channels": STYLE_WIDTH,
        "source_filter": {
            "sample_rate": GENERATOR.sample_rate,
            "n_fft": GENERATOR.n_fft,
            "hop_length": GENERATOR.hop_length,
            "win_length": GENERATOR.win_length,
            PITCH_FIELD: RELATIVE_PITCH,
        },
    },
    "data": {
        "sampling_rate": CONFIG.spectrogram.sample_rate,
        "filter_length": CONFIG.spectrogram.n_fft,
        "hop_length": CONFIG.spectrogram.hop_length,
        "win_length": CONFIG.spectrogram.win_length,
    },
}
"""`CONFIG` as the file says it."""
RECIPE: Final = Recipe(
    n_steps=1600,
    batch_size=8,
    peak=1e-3,
    warmup_steps=100,
    clip_norm=2.0,
    further_steps=1800,
    further_peak=1e-3,
)


class AcousticTraining(OneNetwork):
    """The acoustic stage in training; a `Trainee`. The projection and the codes stay as they are.

    Args:
        learnt: To learn from.
        held_out: To judge by.
        listening: `ssl_proj.*` and `codes.embed` of the trained listener.
        recipe: How.
    """

    network: LatentSynthesizer

    def __init__(
        self,
        learnt: Stretches,
        held_out: Stretches,
        listening: Mapping[str, Tensor],
        recipe: Recipe = RECIPE,
    ) -> None:
        assert CONFIG.latent is not None
        torch.manual_seed(recipe.seed)  # noqa: TID251 - first weights; nothing else draws from it
        network = LatentSynthesizer(CONFIG, CONFIG.latent)
        _take_over(network, listening)
        super().__init__(network, recipe, {"network": "acoustic"})
        self.learnt = learnt
        self._held_out = held_out

    def take_step(self, step: int) -> Mapping[str, float]:
        """Learn from one batch."""
        is_further = step >= self.recipe.n_steps
        lesson = self.learnt.draw(self.seed(step), self.recipe.batch_size, of_anyone=is_further)
        attempt = self.attempt(lesson, resolutions_of(step))
        norm = self.learn(attempt.distance, step)
        return attempt.losses | {"gradient_norm": norm}

    @torch.no_grad()
    def validate(self, step: int) -> Validation:  # noqa: ARG002 - the same stretches at every step
        """Judge held-out sentences, and let some be heard."""
        spectra, pitches, wave = [], [], torch.zeros(1, 1)
        for number in range(4):
            lesson = self._held_out.draw(number, self.recipe.batch_size)
            attempt = self.attempt(lesson, (RESOLUTION, *OTHER_RESOLUTIONS))
            spectra.append(float(attempt.spectrum))
            pitches.append(float(attempt.pitch))
            wave = attempt.wave
        losses = {"spectrum": float(np.mean(spectra)), "pitch": float(np.mean(pitches))}
        previews = {f"stretch-{i}": (row.numpy(), SAMPLE_RATE) for i, row in enumerate(wave[:3])}
        return Validation(losses=losses, score=losses["spectrum"], previews=previews)

    def attempt(self, lesson: Lesson, resolutions: Sequence[tuple[int, int, int]]) -> Attempt:
        """Say stretches again, in the style of their references."""
        with rounded_products():
            return say_again(self.network, CONFIG, lesson, resolutions)


def _take_over(network: LatentSynthesizer, listening: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        network.ssl_proj.weight.copy_(listening["ssl_proj.weight"])
        network.ssl_proj.bias.copy_(listening["ssl_proj.bias"])  # type: ignore[union-attr]
        network.quantizer.entries.copy_(listening["codes.embed"])
    network.ssl_proj.requires_grad_(requires_grad=False)
