"""The acoustic stage as an engine sees it: references in, lines in, waveforms out.

One call shape for every family. A line's waveform is a function of the line alone: its noise is
drawn from its own seed, and on a CPU each line is decoded in a pass of its own (convolutions gain
nothing from a batch there, and the library picks its kernels by batch size).

Knows nothing of screenplays, files or resampling.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from voicepipe.errors import SynthesisError
from voicepipe.model.acoustic.block_choice import packs_float32
from voicepipe.model.acoustic.flow_matching import denormalise_mel, normalise_mel
from voicepipe.model.acoustic.joined_prompts import joined_features, joined_ranges, joined_tones
from voicepipe.model.acoustic.networks import (
    LatentSynthesizer,
    MelSynthesizer,
    n_latent_frames,
)
from voicepipe.model.acoustic.said_again import heard_range, heard_tone
from voicepipe.model.acoustic.source_filter import SourceFilter
from voicepipe.model.acoustic.source_filter_config import LEARNT_TONE
from voicepipe.model.acoustic.vocoder import Generator
from voicepipe.model.acoustic.voicing import Stress
from voicepipe.model.encoders.speaker import SPEAKER_SAMPLE_RATE
from voicepipe.model.noise import latent_noise
from voicepipe.model.precision import Precision
from voicepipe.model.spectral import linear_spectrogram, mel_spectrogram

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.model.acoustic.bigvgan import BigVGAN
    from voicepipe.model.acoustic.config import AcousticConfig, MelDecoderConfig
    from voicepipe.model.acoustic.voicing import Voicing
    from voicepipe.model.encoders.speaker import SpeakerEncoder

_SLOWEST, _FASTEST = 0.25, 4.0
_LOUDEST_DIVISOR = 2.0  # upstream divides a clipped reference by its peak, but never by more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceAudio:
    """One reference clip, ready for the acoustic stage."""

    waveforms: Mapping[int, Tensor]
    """(S,) float32 by sample rate, at least the stage's `reference_rates`."""
    semantic_tokens: Tensor | None = None
    """(T,) of the clip; flow matching needs them, of the first clip, a source-filter generator
    copies the tone of a first clip that has them."""
    phoneme_ids: Tensor | None = None
    """(P,) of the clip's transcript; flow matching needs them, of the first clip."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcousticPrompt:
    """What a stage keeps of a voice's references; belongs to the stage that made it."""

    style: Tensor
    """(1, G, 1)."""
    features: Tensor | None = None
    """(1, C, P) for flow matching."""
    mel: Tensor | None = None
    """(1, M, P), normalised, for flow matching."""
    tone: Tensor | None = None
    """(1, bands, 1) for a source-filter generator: what the style alone gets wrong of colour."""
    melody_range: Tensor | None = None
    """(1, 1), the `reference_range`: how many times livelier than the style alone makes it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AcousticLine:
    """One line to decode."""

    semantic_tokens: Tensor
    """(T,) int64, without the reference's."""
    phoneme_ids: Tensor
    """(P,) int64, of the line alone."""
    prompt: AcousticPrompt
    seed: int
    """From 0 to 2**64 - 1; the only source of chance."""
    speed: float = 1.0
    """Over 1 is faster."""
    voicing: Voicing | None = None
    """Of a source-filter generator's voice; the others colour theirs by the reference alone."""
    stresses: tuple[Stress, ...] = ()
    """Of a source-filter generator: where words are stressed, in frames as at speed 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeOptions:
    """How all lines of a call are decoded."""

    noise_scale: float = 0.5
    """Of the latent families; 0 takes the prior's mean."""
    n_steps: int = 32
    """Of flow matching."""
    guidance: float = 0.0
    """Of flow matching; over 0 doubles the work."""


class AcousticStage:
    """A loaded acoustic checkpoint with what it needs beside it."""

    def __init__(
        self,
        config: AcousticConfig,
        network: LatentSynthesizer | MelSynthesizer,
        *,
        vocoder: Generator | BigVGAN | None = None,
        speaker: SpeakerEncoder | None = None,
    ) -> None:
        if (config.mel is None) != (vocoder is None):
            raise ValueError("a flow-matching stage needs a vocoder, the others take none")
        if (config.speaker_width is None) != (speaker is None):
            raise ValueError("a Pro stage needs a speaker encoder, the others take none")
        self.config = config
        self.network = network
        self.vocoder = vocoder
        self.speaker = speaker

    @property
    def sample_rate(self) -> int:
        """Of the waveforms that `decode` gives, in Hz."""
        return self.config.sample_rate

    @property
    def reference_rates(self) -> tuple[int, ...]:
        """Sample rates, in Hz, that a reference clip must be given at."""
        rates = [self.config.spectrogram.sample_rate]
        if self.speaker is not None:
            rates.append(SPEAKER_SAMPLE_RATE)
        if self.config.mel is not None:
            rates.append(self.config.mel.mel.spectrogram.sample_rate)
        return tuple(dict.fromkeys(rates))

    @property
    def needs_transcript(self) -> bool:
        """Whether a reference must come with its tokens and phonemes."""
        return self.config.mel is not None

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.network.ssl_proj.weight.device

    def to(self, device: torch.device | str) -> AcousticStage:
        """Move the weights in place and return the stage itself."""
        for module in (self.network, self.vocoder, self.speaker):
            if module is not None:
                module.to(device)
        return self

    def pack(self, precision: Precision) -> AcousticStage:
        """Lay out the generator's convolutions where that is faster, on a CPU.

        Args:
            precision: bfloat16 holds for them as well. Everything else, a source-filter generator
                and BigVGAN stay as they are: float32.
        """
        generator = self._generator
        if self.device.type == "cpu" and generator is not None:
            if precision is Precision.BFLOAT16:
                generator.pack(torch.bfloat16)
            elif generator.is_worth_measuring and packs_float32():
                generator.pack(torch.float32)
        return self

    @property
    def weights(self) -> list[Tensor]:
        """Give the memory that processes can share, on a CPU."""
        modules = [m for m in (self.network, self.vocoder, self.speaker) if m is not None]
        kept: list[Tensor] = [weight for m in modules for weight in m.parameters()]
        return [*kept, *(self._generator.laid_out if self._generator else ())]

    @property
    def _generator(self) -> Generator | None:
        is_latent = isinstance(self.network, LatentSynthesizer)
        found = self.network.dec if is_latent else self.vocoder
        return found if isinstance(found, Generator) else None

    @torch.no_grad()
    def semantic_tokens(self, ssl_features: Tensor) -> Tensor:
        """Quantise (C, T) features of a clip at 50 Hz as (T // 2,) tokens on the CPU."""
        tokens: Tensor = self.network.semantic_tokens(ssl_features[None].to(self.device))
        return tokens[0].cpu()

    @torch.no_grad()
    def encode_reference(self, clips: Sequence[ReferenceAudio]) -> AcousticPrompt:
        """Make a voice's prompt, once for all its lines.

        Args:
            clips: At least one. The style is the mean over all of them; a flow's prompt is the
                first clip.

        Raises:
            SynthesisError: No clip, a waveform at a needed rate is missing or too short, or a
                flow's tokens and phonemes are missing.
        """
        if not clips:
            raise SynthesisError("a voice needs at least one reference clip")
        style = torch.stack([self._style(clip) for clip in clips]).mean(0)
        if self.config.mel is None:
            return self._heard_prompt(clips[0], style)
        return self._mel_prompt(clips[0], style, self.config.mel)

    @torch.no_grad()
    def decode(
        self, lines: Sequence[AcousticLine], options: DecodeOptions | None = None
    ) -> tuple[Tensor, ...]:
        """Decode lines, each as if it were alone.

        Args:
            lines: Of any lengths, voices and speeds.
            options: The defaults when absent.

        Returns:
            A waveform (S,) float32 a line, in the lines' order, on the CPU.

        Raises:
            SynthesisError: A line has no tokens or phonemes, an id that does not exist, or a
                speed outside 0.25 to 4.
        """
        for line in lines:
            self._check(line)
        options = options or DecodeOptions()
        waveforms: dict[int, Tensor] = {}
        for indices in self._passes(lines):
            batch = self._decode_pass([lines[i] for i in indices], options)
            waveforms.update(zip(indices, batch.cpu(), strict=True))
        return tuple(waveforms[i] for i in range(len(lines)))

    def _passes(self, lines: Sequence[AcousticLine]) -> list[list[int]]:
        """Indices of lines that go through the network together."""
        if self.device.type == "cpu":
            return [[i] for i in range(len(lines))]
        alike: dict[tuple[int, float, int, Voicing | None, tuple[Stress, ...]], list[int]] = {}
        for i, line in enumerate(lines):
            n_prompt = 0 if line.prompt.mel is None else line.prompt.mel.shape[2]
            key = (len(line.semantic_tokens), line.speed, n_prompt, line.voicing, line.stresses)
            alike.setdefault(key, []).append(i)
        return list(alike.values())

    def _decode_pass(self, lines: list[AcousticLine], options: DecodeOptions) -> Tensor:
        device, speed = self.device, lines[0].speed
        tokens = torch.stack([line.semantic_tokens for line in lines]).to(device)
        phonemes = [line.phoneme_ids.to(device) for line in lines]
        style = torch.cat([line.prompt.style for line in lines])
        network = self.network
        if isinstance(network, LatentSynthesizer):
            noise = self._noise(lines, n_latent_frames(tokens.shape[1], speed))
            prior = network.prior(tokens, phonemes, style, speed)
            latent = network.latent(prior, style, noise, options.noise_scale)
            stretch = latent.shape[2] / n_latent_frames(tokens.shape[1], 1.0)
            stresses = [
                Stress(start=one.start * stretch, end=one.end * stretch)
                for one in lines[0].stresses
            ]
            tones = joined_tones([line.prompt.tone for line in lines])
            ranges = joined_ranges([line.prompt.melody_range for line in lines])
            waveform: Tensor = network(latent, style, tones, ranges, lines[0].voicing, stresses)
        else:
            assert self.vocoder is not None
            features = network.features(tokens, phonemes, style, speed)
            mel = network.cfm.extend(
                features,
                (
                    joined_features([line.prompt.features for line in lines]),
                    joined_features([line.prompt.mel for line in lines]),
                ),
                self._noise(lines, features.shape[2]),
                chunk_frames=network.decoder.chunk_frames,
                n_steps=options.n_steps,
                guidance=options.guidance,
            )
            waveform = self.vocoder(denormalise_mel(mel))
        return waveform[:, 0]

    def _noise(self, lines: list[AcousticLine], n_frames: int) -> Tensor:
        width = self.config.mel.mel.n_mels if self.config.mel else self.config.latent_width
        return torch.stack([latent_noise(line.seed, n_frames, width) for line in lines]).to(
            self.device
        )

    def _style(self, clip: ReferenceAudio) -> Tensor:
        waveform = self._waveform(clip, self.config.spectrogram.sample_rate)
        speaker = None
        if self.speaker is not None:
            speaker = self.speaker.embed(self._waveform(clip, SPEAKER_SAMPLE_RATE))
        spectrogram = linear_spectrogram(waveform, self.config.spectrogram)
        return self.network.style_embedding(spectrogram, speaker)

    def _heard_prompt(self, clip: ReferenceAudio, style: Tensor) -> AcousticPrompt:
        """Say a clip's words again, and hear what is wrong with them."""
        generator = self.network.dec if isinstance(self.network, LatentSynthesizer) else None
        if not isinstance(generator, SourceFilter):
            return AcousticPrompt(style=style)
        if clip.semantic_tokens is None or clip.phoneme_ids is None or not len(clip.phoneme_ids):
            return AcousticPrompt(style=style)
        words = AcousticLine(
            semantic_tokens=clip.semantic_tokens,
            phoneme_ids=clip.phoneme_ids,
            prompt=AcousticPrompt(style=style),
            seed=0,
        )

        def say(tone: Tensor | None) -> Tensor:
            prompt = AcousticPrompt(style=style, tone=tone)
            return self.decode([replace(words, prompt=prompt)])[0]

        recorded = self._waveform(clip, self.sample_rate)[0]
        tone = None
        if generator.config.tone != LEARNT_TONE:
            tone = heard_tone(recorded, style, say, generator.config)
        melody_range = heard_range(recorded, say(tone), self.config.spectrogram)
        return AcousticPrompt(style=style, tone=tone, melody_range=melody_range)

    def _mel_prompt(
        self, clip: ReferenceAudio, style: Tensor, decoder: MelDecoderConfig
    ) -> AcousticPrompt:
        assert isinstance(self.network, MelSynthesizer)
        if clip.semantic_tokens is None or clip.phoneme_ids is None:
            raise SynthesisError(
                "this model needs the reference clip's tokens and the phonemes of its transcript",
                remedy="give the reference clip's transcript in the voice file",
            )
        self._check_ids(clip.semantic_tokens, clip.phoneme_ids, "the reference clip")
        features = self.network.features(
            clip.semantic_tokens[None].to(self.device), [clip.phoneme_ids.to(self.device)], style
        )
        waveform = self._waveform(clip, decoder.mel.spectrogram.sample_rate)
        mel = normalise_mel(mel_spectrogram(waveform, decoder.mel))
        n_frames = min(mel.shape[2], features.shape[2])
        kept = slice(max(0, n_frames - decoder.prompt_frames), n_frames)
        return AcousticPrompt(style=style, features=features[:, :, kept], mel=mel[:, :, kept])

    def _waveform(self, clip: ReferenceAudio, sample_rate: int) -> Tensor:
        waveform = clip.waveforms.get(sample_rate)
        if waveform is None:
            raise SynthesisError(
                f"a reference clip is not given at {sample_rate} Hz",
                remedy=f"resample it to each of {self.reference_rates}",
            )
        # A tenth of a second: more than any analysis window, far less than any usable clip.
        if waveform.dim() != 1 or len(waveform) < sample_rate // 10:
            raise SynthesisError(
                f"a reference waveform of shape {tuple(waveform.shape)} is not mono samples "
                "of at least 0.1 s",
                remedy="give a clip of 3 to 10 s",
            )
        waveform = waveform[None].to(self.device, torch.float32)
        peak = float(clip.waveforms[self.config.spectrogram.sample_rate].abs().max())
        return waveform / min(_LOUDEST_DIVISOR, peak) if peak > 1 else waveform

    def _check(self, line: AcousticLine) -> None:
        if not _SLOWEST <= line.speed <= _FASTEST:
            raise SynthesisError(
                f"speed {line.speed:g} is outside {_SLOWEST:g} to {_FASTEST:g}",
                remedy="choose a speed within the range",
            )
        self._check_ids(line.semantic_tokens, line.phoneme_ids, "the line")

    def _check_ids(self, tokens: Tensor, phonemes: Tensor, what: str) -> None:
        limits = {
            "semantic token": (tokens, self.config.codebook_size),
            "phoneme": (phonemes, self.config.n_symbols),
        }
        for kind, (ids, limit) in limits.items():
            if ids.dim() != 1 or len(ids) == 0:
                raise SynthesisError(
                    f"{what} has no {kind}s", remedy="render another take, or check its text"
                )
            if int(ids.min()) < 0 or int(ids.max()) >= limit:
                raise SynthesisError(
                    f"{what} has a {kind} outside 0 to {limit - 1}",
                    remedy="the text was prepared for another model family",
                )
