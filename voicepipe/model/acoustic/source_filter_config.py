"""The sizes of a source-filter generator, read from its tensors and a few numbers beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.config_fields import count_under, section_of, shape_of, size_of
from voicepipe.model.checkpoints.families import SOURCE_FILTER_LANDMARK

if TYPE_CHECKING:
    from collections.abc import Mapping

PITCH_FIELD: Final = "pitch"
RELATIVE_PITCH: Final = "relative"
"""To the reference clip's; the only way there is."""

TONE_FIELD: Final = "tone"
HEARD_TONE, LEARNT_TONE = "heard", "learnt"
"""Where the long-term spectrum of a voice comes from: a reference clip, heard beside the same words
said again, or a training on the voice. A clip alone would spoil what a minute has taught."""

POSTFILTER: Final = "dec.postfilter"
"""Where a checkpoint has its `Postfilter`, two numbers: among the tensors, so that weights that
sound different are different weights."""

_LARGEST_FFT = 8_192


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilterConfig:
    """A generator that filters a buzz and a hiss: latent frames in, samples out."""

    latent_width: int
    style_width: int
    width: int
    n_slow_blocks: int
    """At the rate of the latent."""
    n_fast_blocks: int
    """At twice the rate of the latent."""
    n_bands: int
    """Points of each spectral envelope, evenly spaced on the mel scale."""
    sample_rate: int
    n_fft: int
    hop_length: int
    """Samples a fast frame: a latent frame has twice as many."""
    win_length: int
    tone: str = HEARD_TONE
    """`heard` or `learnt`."""
    is_postfiltered: bool = False


def has_source_filter(shapes: Mapping[str, tuple[int, ...]]) -> bool:
    """Tell whether a checkpoint's generator is of this kind."""
    return SOURCE_FILTER_LANDMARK in shapes


def read_source_filter(
    table: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]]
) -> SourceFilterConfig:
    """Describe the generator of a checkpoint.

    Args:
        table: `source_filter` of the checkpoint's configuration: what shapes cannot tell.
        shapes: Every tensor's shape by name.

    Raises:
        CheckpointError: A number is missing or absurd, or does not fit the others; or the pitch is
            not said as this release hears it.
    """
    if table.get(PITCH_FIELD) != RELATIVE_PITCH:
        raise CheckpointError(
            "this acoustic stage says pitch in the way of an older release",
            remedy="`voicepipe models pull tiny` brings the one of this release",
        )
    tone = table.get(TONE_FIELD, HEARD_TONE)
    if tone not in (HEARD_TONE, LEARNT_TONE):
        raise CheckpointError(
            f"the tone of this acoustic stage is {tone!r}, and must be {HEARD_TONE} or "
            f"{LEARNT_TONE}",
            remedy="import the model again, or use a newer release",
        )
    width, latent_width, _ = shape_of(shapes, "dec.conv_pre.weight", 3)
    config = SourceFilterConfig(
        latent_width=latent_width,
        style_width=shape_of(shapes, "dec.cond.weight", 3)[1],
        width=width,
        n_slow_blocks=count_under(shapes, "dec.slow."),
        n_fast_blocks=count_under(shapes, "dec.fast."),
        n_bands=shape_of(shapes, SOURCE_FILTER_LANDMARK, 3)[0] // 2,
        sample_rate=size_of(table, "sample_rate", at_most=192_000),
        n_fft=size_of(table, "n_fft", at_most=_LARGEST_FFT),
        hop_length=size_of(table, "hop_length", at_most=_LARGEST_FFT),
        win_length=size_of(table, "win_length", at_most=_LARGEST_FFT),
        tone=str(tone),
        is_postfiltered=POSTFILTER in shapes,
    )
    if not 2 * config.hop_length <= config.win_length <= config.n_fft or config.n_fft % 2:
        # Windows must overlap by half at least for their sum to have no holes.
        raise CheckpointError(
            f"frames of {config.win_length} samples every {config.hop_length} in a transform of "
            f"{config.n_fft} do not add up to a waveform",
            remedy="the checkpoint's configuration is damaged; fetch the file again",
        )
    if config.n_bands < 2:
        raise CheckpointError("an envelope of fewer than two bands describes no sound")
    return config


def with_learnt_tone(config: Mapping[str, object]) -> dict[str, object]:
    """Describe a checkpoint whose generator was trained on a voice, given its base's description.

    Args:
        config: Of a checkpoint that has a source-filter generator.
    """
    model = section_of(config, "model")
    table = section_of(model, "source_filter")
    return {**config, "model": {**model, "source_filter": {**table, TONE_FIELD: LEARNT_TONE}}}
