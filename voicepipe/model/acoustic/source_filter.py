"""Latent frames to samples without a sample ever passing through a network: source and filter.

A voice is a buzz at the pitch of the vocal folds and a hiss, each shaped by the mouth. The network
gives a pitch and two spectral envelopes a frame; the buzz and the hiss are made and filtered here,
in the frequency domain, and an inverse Fourier transform gives the waveform. Every sample costs a
few hundred multiplications instead of hundreds of thousands, and the pitch cannot buzz apart.

Source: the harmonic-plus-noise model (Stylianou, 1996; DDSP, Engel et al., 2020) behind a frame
network like that of Vocos (Siuzdak, 2023); minimum phase by folding the cepstrum (Oppenheim and
Schafer, 1975), as in WORLD (Morise et al., 2016).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from voicepipe.model.acoustic.postfilter import Postfilter, postfiltered
from voicepipe.model.acoustic.reference_pitch import MIDDLE_PITCH_HZ
from voicepipe.model.acoustic.reference_range import with_range
from voicepipe.model.acoustic.reference_tone import band_weights, points_hz
from voicepipe.model.acoustic.stressed_frames import stressed_frames
from voicepipe.model.acoustic.voiced_frames import Frames, voiced_frames
from voicepipe.model.acoustic.voicing import Stress
from voicepipe.model.convnext import ConvNextBlock
from voicepipe.model.noise import latent_noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model.acoustic.source_filter_config import SourceFilterConfig
    from voicepipe.model.acoustic.voicing import Voicing

_ENVELOPE_SPREAD, _ENVELOPE_MIDDLE = 2.0, -4.0  # log-magnitudes of speech, roughly whitened
_EXPANSION = 3
_KERNEL_SIZE = 7
_NO_DENOMINATOR = 1e-3  # sine of half a phase below which the sum of cosines takes its limit
_HISS_SEED = 0x68697373  # one hiss for every line: noise has no words


class SourceFilter(nn.Module):
    """The generator of the smallest family."""

    postfilter: Tensor
    """(2,), a `Postfilter`; only where the configuration says so."""

    def __init__(self, config: SourceFilterConfig) -> None:
        super().__init__()
        width = config.width
        self.config = config
        self.conv_pre = nn.Conv1d(config.latent_width, width, 7, padding=3)
        self.cond = nn.Conv1d(config.style_width, width, 1)
        self.slow = _blocks(width, config.n_slow_blocks)
        self.fast = _blocks(width, config.n_fast_blocks)
        self.norm = nn.LayerNorm(width)
        self.pitch = nn.Conv1d(width, 1, 1)
        self.envelope = nn.Conv1d(width, 2 * config.n_bands, 1)
        if config.is_postfiltered:
            self.register_buffer("postfilter", torch.zeros(len(Postfilter._fields)))

    def forward(
        self,
        latent: Tensor,
        style: Tensor,
        tone: Tensor | None = None,
        melody_range: Tensor | None = None,
        voicing: Voicing | None = None,
        stresses: Sequence[Stress] = (),
    ) -> Tensor:
        """Generate samples.

        Args:
            latent: (B, C, T).
            style: (B, G, 1); the first channel is the `reference_pitch`.
            tone: (B, bands, 1), the `reference_tone`, put onto both envelopes.
            melody_range: (B, 1), the `reference_range`.
            voicing: How the voice is coloured; None: as the network says it.
            stresses: Where words are stressed, among the latent frames.

        Returns:
            (B, 1, S), S = 2 T hops, and more with stresses; within [-1, 1].
        """
        sizes = self.config
        frames_per_s = sizes.sample_rate / sizes.hop_length
        frames = self.frames(latent, style)
        if tone is not None:
            frames = frames._replace(buzz=frames.buzz + tone, hiss=frames.hiss + tone)
        if melody_range is not None:
            frames = with_range(frames, melody_range)
        if voicing is not None:
            points = points_hz(sizes.n_bands, sizes.sample_rate).to(latent)
            frames = voiced_frames(frames, voicing, points, frames_per_s)
        if stresses:
            places = [Stress(start=2 * one.start, end=2 * one.end) for one in stresses]
            frames = stressed_frames(frames, places, frames_per_s)
        n_frames = frames.log_pitch.shape[1]
        hiss = latent_noise(_HISS_SEED, n_frames, sizes.hop_length).t().reshape(1, -1)
        put_back = Postfilter(*self.postfilter) if sizes.is_postfiltered else None
        waveform = self.synthesise(frames, hiss.to(latent).expand(len(latent), -1), put_back)
        return waveform.clamp(-1.0, 1.0).unsqueeze(1)

    def frames(self, latent: Tensor, style: Tensor) -> Frames:
        """Say pitch, around the reference's, and envelopes of (B, C, T) latent frames, two each."""
        x = self.conv_pre(latent) + self.cond(style)
        for block in self.slow:
            x = block(x)
        x = x.repeat_interleave(2, dim=2)
        for block in self.fast:
            x = block(x)
        x = self.norm(x.transpose(1, 2)).transpose(1, 2)
        envelopes = self.envelope(x) * _ENVELOPE_SPREAD + _ENVELOPE_MIDDLE
        buzz, hiss = envelopes.chunk(2, dim=1)
        middle = math.log(MIDDLE_PITCH_HZ) + style[:, 0]
        return Frames(middle + self.pitch(x)[:, 0], buzz, hiss)

    def synthesise(
        self, frames: Frames, noise: Tensor, postfilter: Postfilter | None = None
    ) -> Tensor:
        """Make (B, S) samples of frames and (B, S) standard normal noise.

        Whoever trains gives no postfilter: a network that hears itself sharpened learns to say
        flatter envelopes.
        """
        sizes = self.config
        pitch = frames.log_pitch.clamp(math.log(20.0), math.log(sizes.sample_rate / 4))
        per_sample = functional.interpolate(
            pitch.unsqueeze(1), scale_factor=sizes.hop_length, mode="linear"
        )[:, 0].exp()
        source = pulse_train(per_sample, sizes.sample_rate)
        bands = band_weights(sizes.n_bands, sizes.n_fft, sizes.sample_rate).to(pitch)
        buzz, hiss = bands @ frames.buzz, bands @ frames.hiss
        if postfilter is not None:
            buzz, hiss = postfiltered(buzz, hiss, postfilter, sizes.sample_rate)
        n_frames = pitch.shape[1]
        # The hiss keeps the phase it has; the buzz takes the phase a mouth would give it.
        shaped = self._spectrum(source, n_frames) * _minimum_phase(buzz, sizes.n_fft)
        shaped = shaped + self._spectrum(noise, n_frames) * hiss.exp()
        return torch.istft(
            functional.pad(shaped, (0, 1)),
            sizes.n_fft,
            sizes.hop_length,
            sizes.win_length,
            self._window(pitch),
            center=True,
            length=n_frames * sizes.hop_length,
        )

    def _spectrum(self, samples: Tensor, n_frames: int) -> Tensor:
        sizes = self.config
        return torch.stft(
            samples,
            sizes.n_fft,
            sizes.hop_length,
            sizes.win_length,
            self._window(samples),
            center=True,
            pad_mode="constant",
            return_complex=True,
        )[..., :n_frames]

    def _window(self, like: Tensor) -> Tensor:
        return torch.hann_window(self.config.win_length).to(like)


def pulse_train(pitch: Tensor, sample_rate: int) -> Tensor:
    """Sum all the cosines of a pitch that fit below half the sample rate, at unit power.

    Args:
        pitch: (B, S) Hz, of every sample.
        sample_rate: In Hz.

    Returns:
        (B, S). The sum has a closed form (Dirichlet's kernel), so harmonics cost nothing.
    """
    # In double precision: after a minute a float32 phase would be off by a thousandth of a turn.
    turns = torch.cumsum(pitch.double() / sample_rate, dim=1)
    phase = (turns - turns.floor()).to(pitch) * (2 * math.pi)
    n_harmonics = torch.floor(0.5 * sample_rate / pitch).clamp(min=1)
    half = torch.sin(phase / 2)
    is_peak = half.abs() < _NO_DENOMINATOR
    kernel = torch.sin((n_harmonics + 0.5) * phase) / torch.where(is_peak, 1.0, half)
    twice_the_sum = torch.where(is_peak, 2 * n_harmonics + 1, kernel) - 1
    return twice_the_sum / torch.sqrt(2 * n_harmonics)


def _minimum_phase(log_magnitude: Tensor, n_fft: int) -> Tensor:
    """Give (B, F, T) log-magnitudes the phase of the shortest filter that has them."""
    cepstrum = torch.fft.irfft(log_magnitude.transpose(1, 2), n=n_fft)
    fold = torch.zeros(n_fft, dtype=cepstrum.dtype, device=cepstrum.device)
    fold[0] = fold[n_fft // 2] = 1
    fold[1 : n_fft // 2] = 2
    return torch.exp(torch.fft.rfft(cepstrum * fold)).transpose(1, 2)


def _blocks(width: int, count: int) -> nn.ModuleList:
    return nn.ModuleList(ConvNextBlock(width, _KERNEL_SIZE, _EXPANSION) for _ in range(count))
