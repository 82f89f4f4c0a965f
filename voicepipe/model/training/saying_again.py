"""Stretches of speech said again by an acoustic stage with a source-filter generator.

Such a generator cannot buzz or click, so it is judged by spectra and pitch alone, at several
resolutions; there is no posterior encoder, no flow and no divergence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from voicepipe.model.acoustic.config import SEMANTIC_UPSAMPLE
from voicepipe.model.acoustic.source_filter import SourceFilter
from voicepipe.model.acoustic.voiced_frames import Frames
from voicepipe.model.spectral import linear_spectrogram
from voicepipe.model.training.spectral_distance import spectral_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model.acoustic.config import AcousticConfig
    from voicepipe.model.acoustic.networks import LatentSynthesizer

RESOLUTION: Final = (1024, 240, 80)
"""Window, hop and mel bands of the spectra that every step compares."""
OTHER_RESOLUTIONS: Final = ((2048, 480, 128), (512, 120, 48), (256, 60, 0))
"""Taken in turn: spectra cost the most."""

_PITCH_WEIGHT = 4.0
_UNVOICED_HZ = 150.0


class Lesson(NamedTuple):
    """A batch of stretches."""

    tokens: Tensor
    """(B, T)."""
    wave: Tensor
    """(B, S), S samples of T tokens."""
    pitch: Tensor
    """(B, F) Hz, of every hop of the generator; 0 where there is no voice."""
    phonemes: Tensor
    """(B, P)."""
    n_phonemes: Tensor
    """(B,)."""
    reference: Tensor
    """(B, R): other words of the same speaker."""
    noise: Tensor
    """(B, S)."""


class Attempt(NamedTuple):
    """Stretches said again, and how far off."""

    spectrum: Tensor
    """A distance."""
    pitch: Tensor
    """A distance."""
    wave: Tensor
    """(B, S)."""
    style: Tensor
    """(B, G, 1), of the references."""

    @property
    def distance(self) -> Tensor:
        """What is to become small."""
        return self.spectrum + self.pitch

    @property
    def losses(self) -> dict[str, float]:
        """What a step tells of it."""
        return {"spectrum": float(self.spectrum.detach()), "pitch": float(self.pitch.detach())}


class Meant(NamedTuple):
    """What a stage wants to say, before its generator does."""

    latent: Tensor
    """(B, C, T), the prior's mean."""
    style: Tensor
    """(B, G, 1), of the references."""


def meant(network: LatentSynthesizer, config: AcousticConfig, lesson: Lesson) -> Meant:
    """Read stretches in the style of their references.

    Args:
        network: Of any latent family.
        config: The network's.
        lesson: On the network's device.
    """
    style = network.style_embedding(linear_spectrogram(lesson.reference, config.spectrogram))
    vectors = network.quantizer.decode(lesson.tokens).repeat_interleave(SEMANTIC_UPSAMPLE, dim=2)
    columns = torch.arange(lesson.phonemes.shape[1], device=lesson.phonemes.device)
    prior = network.enc_p.encode_batch(
        vectors,
        lesson.phonemes,
        style,
        mask=vectors.new_ones(len(vectors), 1, vectors.shape[2]),
        text_mask=(columns < lesson.n_phonemes[:, None]).float().unsqueeze(1),
    )
    return Meant(prior.mean, style)


def say_again(
    network: LatentSynthesizer,
    config: AcousticConfig,
    lesson: Lesson,
    resolutions: Sequence[tuple[int, int, int]],
) -> Attempt:
    """Say stretches again, in the style of their references.

    Args:
        network: Its generator is a source-filter one.
        config: The network's.
        lesson: On the network's device.
        resolutions: Window, hop and mel bands of the spectra that are compared.
    """
    generator = network.dec
    assert isinstance(generator, SourceFilter)
    latent, style = meant(network, config, lesson)
    frames = Frames(*(said.float() for said in generator.frames(latent, style)))
    wanted, voiced = filled_pitch(lesson.pitch), lesson.pitch > 0
    pitch = _pitch_distance(frames.log_pitch - wanted, voiced)
    # Networks may be multiplied in fewer bits; sound is made and compared in float32.
    with torch.autocast(lesson.wave.device.type, enabled=False):
        # The pitch of the recording excites the filter: envelopes are learnt from the first step.
        wave = generator.synthesise(frames._replace(log_pitch=wanted), lesson.noise)
        spectrum = spectral_distance(wave, lesson.wave, resolutions, generator.config.sample_rate)
    return Attempt(spectrum, pitch, wave, style.float())


def resolutions_of(step: int) -> tuple[tuple[int, int, int], ...]:
    """Window, hop and mel bands of the spectra that a step compares."""
    return (RESOLUTION, OTHER_RESOLUTIONS[step % len(OTHER_RESOLUTIONS)])


def _pitch_distance(off: Tensor, voiced: Tensor) -> Tensor:
    """The mean over rows of what each row's voiced frames are off."""
    weighted = off * _PITCH_WEIGHT
    distances = functional.smooth_l1_loss(weighted, torch.zeros_like(off), reduction="none")
    of_rows = (distances * voiced).sum(dim=1) / voiced.sum(dim=1).clamp(min=1)
    return of_rows.mean() / _PITCH_WEIGHT


def filled_pitch(pitch: Tensor) -> Tensor:
    """Logarithms of pitch, drawn straight through where there is no voice."""
    tracks = pitch.cpu().numpy()
    places = np.arange(tracks.shape[1])
    filled = np.full_like(tracks, math.log(_UNVOICED_HZ))
    for row, track in zip(filled, tracks, strict=True):
        voiced = np.flatnonzero(track > 0)
        if len(voiced):
            row[:] = np.interp(places, voiced, np.log(track[voiced]))
    return torch.from_numpy(filled).to(pitch)
