"""Teaching the acoustic stage to say tokens in the voice of a reference.

It hears stretches of joined sentences and says them again in the style of other clips by the same
speaker, and is judged by spectra alone, at four resolutions: the source-filter generator cannot
buzz or click, so nothing has to teach it not to. Once it speaks, it is taught what a speaker is:
mixed voices join in, and half of all stretches are coloured as their references are.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tiny.colouring import coloured, draw_colour
from tiny.corpus import SAMPLE_RATE
from tiny.listening import N_CODES, WIDTH
from tiny.packing import N_RATES, TOKEN_SAMPLES
from tiny.trainee import OneNetwork, Recipe
from voicepipe.model.acoustic_config import (
    AcousticConfig,
    EncoderConfig,
    GatedConvConfig,
    LatentDecoderConfig,
    SpectrogramConfig,
)
from voicepipe.model.source_filter import SourceFilter
from voicepipe.model.source_filter_config import SourceFilterConfig
from voicepipe.model.sovits import LatentSynthesizer
from voicepipe.model.spectral import linear_spectrogram, mel_filters
from voicepipe.text.symbols import symbol_table
from voicepipe.training.loop import Validation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tiny.packing import Pack, Packed
    from tiny.tokens import SpokenClips

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

_STRETCH_TOKENS = 80  # 3.2 s
_PITCH_FRAMES_PER_TOKEN = 4
_REFERENCE_SAMPLES = 3 * SAMPLE_RATE
_OWN_CLIP_SHARE = 0.1  # how often a stretch's own clip is its reference
_MIXED_SHARE = 0.4  # how often a mixed voice is heard once they are
_COLOURED_SHARE = 0.5
_LOUDNESS_SPREAD = 0.15
_RESOLUTION = (1024, 240, 80)  # window, hop and mel bands of every step
_OTHERS = ((2048, 480, 128), (512, 120, 48), (256, 60, 0))  # taken in turn: spectra cost the most
_LEAST_POWER = 1e-9
_PITCH_WEIGHT = 4.0
_UNVOICED_HZ = 150.0


class Lesson(NamedTuple):
    """A batch of stretches."""

    tokens: Tensor
    """(B, T)."""
    wave: Tensor
    """(B, 960 T)."""
    pitch: Tensor
    """(B, 4 T) Hz; 0 where there is no voice."""
    phonemes: Tensor
    """(B, P)."""
    n_phonemes: Tensor
    """(B,)."""
    reference: Tensor
    """(B, S): other words of the same speaker."""
    noise: Tensor
    """(B, 960 T)."""


class Stretches:
    """Stretches of joined sentences with references.

    Args:
        pack: The clips.
        spoken: Their tokens.
        held_out: Only sentences kept to judge by, or only the others.
    """

    def __init__(self, pack: Pack, spoken: SpokenClips, *, held_out: bool) -> None:
        self._pack = pack
        self._spoken = spoken
        self._clips = tuple(clip for clip in pack.clips if clip.is_held_out == held_out)
        self._mixed = tuple(clip for clip in pack.mixed if clip.is_held_out == held_out)
        self._by_speaker: dict[tuple[str, str], list[Packed]] = {}
        for clip in (*self._clips, *self._mixed):
            self._by_speaker.setdefault(clip.speaker, []).append(clip)

    def draw(self, seed: int, n: int, *, of_anyone: bool = False) -> Lesson:
        """Draw a batch.

        Args:
            seed: What chance is drawn from.
            n: Stretches.
            of_anyone: Of mixed voices too, and coloured ones.
        """
        chance = np.random.default_rng(seed)
        draw_one = self._anyone if of_anyone else self._known
        rows = [draw_one(chance) for _ in range(n)]
        tokens, waves, pitches, phonemes, references = zip(*rows, strict=True)
        noise = torch.Generator().manual_seed(seed % 2**63)
        return Lesson(
            tokens=torch.from_numpy(np.stack(tokens)),
            wave=torch.from_numpy(np.stack(waves)),
            pitch=torch.from_numpy(np.stack(pitches)),
            phonemes=nn.utils.rnn.pad_sequence([torch.tensor(p) for p in phonemes], True),
            n_phonemes=torch.tensor([len(p) for p in phonemes]),
            reference=torch.from_numpy(np.stack(references)),
            noise=torch.randn(n, _STRETCH_TOKENS * TOKEN_SAMPLES, generator=noise),
        )

    def _known(self, chance: np.random.Generator) -> tuple[Any, ...]:
        return self._one(chance, self._clips)

    def _anyone(self, chance: np.random.Generator) -> tuple[Any, ...]:
        is_mixed = self._mixed and chance.random() < _MIXED_SHARE
        tokens, wave, pitch, phonemes, reference = self._one(
            chance, self._mixed if is_mixed else self._clips
        )
        if chance.random() < _COLOURED_SHARE:
            colour = draw_colour(chance)
            wave = coloured(torch.from_numpy(wave), colour).numpy()
            reference = coloured(torch.from_numpy(reference), colour).numpy()
        return tokens, wave, pitch, phonemes, reference

    def _one(self, chance: np.random.Generator, clips: Sequence[Packed]) -> tuple[Any, ...]:
        clip = clips[int(chance.integers(len(clips)))]
        rate = int(chance.integers(N_RATES))
        others = self._by_speaker[clip.speaker]
        parts, phonemes, n_tokens = [self._sounds(clip, rate)], list(clip.phoneme_ids), 0
        n_tokens = len(parts[0][0])
        while n_tokens < _STRETCH_TOKENS:
            more = others[int(chance.integers(len(others)))]
            parts.append(self._sounds(more, rate))
            phonemes += more.phoneme_ids
            n_tokens += len(parts[-1][0])
        first = int(chance.integers(n_tokens - _STRETCH_TOKENS + 1))
        tokens, wave, pitch = (
            np.concatenate(arrays)[first * size : (first + _STRETCH_TOKENS) * size]
            for arrays, size in zip(
                zip(*parts, strict=True),
                (1, TOKEN_SAMPLES, _PITCH_FRAMES_PER_TOKEN),
                strict=True,
            )
        )
        return tokens, wave, pitch, phonemes, self._reference(clip, rate, chance)

    def _sounds(self, clip: Packed, rate: int) -> tuple[NDArray[Any], ...]:
        spoken = self._spoken.of(clip, rate)
        tokens = spoken.meant[: len(spoken.phonemes)]
        wave = self._pack.wave(clip, rate)[: len(tokens) * TOKEN_SAMPLES]
        pitch = np.zeros(len(tokens) * _PITCH_FRAMES_PER_TOKEN, dtype=np.float32)
        track = self._pack.pitch(clip, rate)[: len(pitch)]
        pitch[: len(track)] = track
        return tokens, wave, pitch

    def _reference(
        self, clip: Packed, rate: int, chance: np.random.Generator
    ) -> NDArray[np.float32]:
        others = self._by_speaker[clip.speaker]
        waves = [self._pack.wave(clip, rate)] if chance.random() < _OWN_CLIP_SHARE else []
        while sum(map(len, waves)) < _REFERENCE_SAMPLES:
            waves.append(self._pack.wave(others[int(chance.integers(len(others)))], rate))
        joined = np.concatenate(waves)
        first = int(chance.integers(len(joined) - _REFERENCE_SAMPLES + 1))
        loudness = np.float32(math.exp(chance.normal(0, _LOUDNESS_SPREAD)))
        return joined[first : first + _REFERENCE_SAMPLES] * loudness


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
        self._learnt = learnt
        self._held_out = held_out

    def take_step(self, step: int) -> Mapping[str, float]:
        """Learn from one batch."""
        is_further = step >= self.recipe.n_steps
        lesson = self._learnt.draw(self.seed(step), self.recipe.batch_size, of_anyone=is_further)
        resolutions = (_RESOLUTION, _OTHERS[step % len(_OTHERS)])
        spectrum, pitch, _ = self._losses(lesson, resolutions)
        norm = self.learn(spectrum + pitch, step)
        return {
            "spectrum": float(spectrum.detach()),
            "pitch": float(pitch.detach()),
            "gradient_norm": norm,
        }

    @torch.no_grad()
    def validate(self, step: int) -> Validation:  # noqa: ARG002 - the same stretches at every step
        """Judge held-out sentences, and let some be heard."""
        spectra, pitches, wave = [], [], torch.zeros(1, 1)
        for number in range(4):
            lesson = self._held_out.draw(number, self.recipe.batch_size)
            spectrum, pitch, wave = self._losses(lesson, (_RESOLUTION, *_OTHERS))
            spectra.append(float(spectrum))
            pitches.append(float(pitch))
        losses = {"spectrum": float(np.mean(spectra)), "pitch": float(np.mean(pitches))}
        previews = {f"stretch-{i}": (row.numpy(), SAMPLE_RATE) for i, row in enumerate(wave[:3])}
        return Validation(losses=losses, score=losses["spectrum"], previews=previews)

    def _losses(
        self, lesson: Lesson, resolutions: Sequence[tuple[int, int, int]]
    ) -> tuple[Tensor, Tensor, Tensor]:
        network = self.network
        style = network.style_embedding(linear_spectrogram(lesson.reference, CONFIG.spectrogram))
        vectors = network.quantizer.decode(lesson.tokens).repeat_interleave(2, dim=2)
        columns = torch.arange(lesson.phonemes.shape[1])
        prior = network.enc_p.encode_batch(
            vectors,
            lesson.phonemes,
            style,
            mask=torch.ones(len(vectors), 1, vectors.shape[2]),
            text_mask=(columns < lesson.n_phonemes[:, None]).float().unsqueeze(1),
        )
        generator = network.dec
        assert isinstance(generator, SourceFilter)
        frames = generator.frames(prior.mean, style)
        wanted, voiced = _filled(lesson.pitch), lesson.pitch > 0
        off = (frames.log_pitch - wanted)[voiced] * _PITCH_WEIGHT
        pitch = functional.smooth_l1_loss(off, torch.zeros_like(off)) / _PITCH_WEIGHT
        # The pitch of the recording excites the filter: envelopes are learnt from the first step.
        wave = generator.synthesise(frames._replace(log_pitch=wanted), lesson.noise)
        return _spectral_distance(wave, lesson.wave, resolutions), pitch, wave


def _take_over(network: LatentSynthesizer, listening: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        network.ssl_proj.weight.copy_(listening["ssl_proj.weight"])
        network.ssl_proj.bias.copy_(listening["ssl_proj.bias"])  # type: ignore[union-attr]
        network.quantizer.entries.copy_(listening["codes.embed"])
    network.ssl_proj.requires_grad_(requires_grad=False)


def _filled(pitch: Tensor) -> Tensor:
    """Logarithms of pitch, drawn straight through where there is no voice."""
    tracks = pitch.numpy()
    places = np.arange(tracks.shape[1])
    filled = np.full_like(tracks, math.log(_UNVOICED_HZ))
    for row, track in zip(filled, tracks, strict=True):
        voiced = np.flatnonzero(track > 0)
        if len(voiced):
            row[:] = np.interp(places, voiced, np.log(track[voiced]))
    return torch.from_numpy(filled)


def _spectral_distance(
    made: Tensor, wanted: Tensor, resolutions: Sequence[tuple[int, int, int]]
) -> Tensor:
    """How far apart two batches sound, at some resolutions, on mel bands and bin by bin."""
    total = torch.zeros(())
    for n_fft, hop, n_mels in resolutions:
        a, b = _magnitudes(made, n_fft, hop), _magnitudes(wanted, n_fft, hop)
        if n_mels:
            filters = _filters(n_fft, n_mels)
            total = total + functional.l1_loss(
                torch.log(filters @ a + 1e-4), torch.log(filters @ b + 1e-4)
            )
        total = total + 0.5 * functional.l1_loss(torch.log(a + 1e-3), torch.log(b + 1e-3))
        total = total + 0.5 * (a - b).norm() / b.norm().clamp(min=1e-3)
    return total / len(resolutions)


def _magnitudes(wave: Tensor, n_fft: int, hop: int) -> Tensor:
    window = torch.hann_window(n_fft)
    spectrum = torch.stft(wave, n_fft, hop, n_fft, window, return_complex=True)
    # By hand: the gradient of a complex absolute value costs several times as much.
    real, imaginary = torch.view_as_real(spectrum).unbind(-1)
    return torch.sqrt(real * real + imaginary * imaginary + _LEAST_POWER)


@lru_cache
def _filters(n_fft: int, n_mels: int) -> Tensor:
    return mel_filters(SAMPLE_RATE, n_fft, n_mels, 0.0, None)
