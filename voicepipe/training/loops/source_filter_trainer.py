"""Fine-tuning the smallest family's acoustic stage: what colour this speaker's voice has.

Only the generator learns, and of it only what says envelopes: which phonemes are said where, in
every language, stays with encoders that do not move, and melody with the pitch it had; how high it
lies is measured beforehand. It learns from colour, not from frames, for a minute of speech would
teach it to blur, and by whom a network hears that tells speakers apart; the family's own recogniser
holds it to the phonemes of the recording, for colour alone would teach it to slur. There are no
critics: fresh ones were tried, and had not become judges when the training was over. What is
published lies between the base and what was learnt, and is what held-out recordings judge.
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from voicepipe.errors import CheckpointError, InputError
from voicepipe.model.acoustic.config import read_acoustic_config
from voicepipe.model.acoustic.networks import LatentSynthesizer
from voicepipe.model.acoustic.source_filter import SourceFilter
from voicepipe.model.acoustic.source_filter_config import SourceFilterConfig
from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.encoders.timbre import WEIGHTS_SHA256
from voicepipe.model.training.articulation import PhonemeListener, articulation_distance
from voicepipe.model.training.colour_distance import colour_distance
from voicepipe.model.training.indexed_rng import seed_of
from voicepipe.model.training.pitch_level import pitch_level
from voicepipe.model.training.saying_again import Lesson, filled_pitch, meant
from voicepipe.model.training.timbre_distance import TimbreListener, timbre_distance
from voicepipe.training.loops.loop import Validation
from voicepipe.training.loops.optimizers import NamedAdamW, prefixed, under
from voicepipe.training.loops.process_group import ALONE
from voicepipe.training.loops.sampling import rows_of_step
from voicepipe.training.loops.schedules import WarmupCosine
from voicepipe.training.loops.stretch_rows import StretchRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.model.acoustic.config import AcousticConfig
    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.training.dataset.utterance import TrainingUtterance
    from voicepipe.training.loops.process_group import ProcessGroup

_LEARNS, _NOT_ITS_PITCH = "dec.", "dec.pitch."
_PITCH_WEIGHT = 4.0
_ARTICULATION_WEIGHT = 1.0
_TIMBRE_WEIGHT = 2.0
"""More is likeness that other networks do not hear."""
_PUBLISHED_SHARE = 0.75
"""Of the way from the base's weights to the learnt ones: the last quarter brings little likeness,
and most of the misheard words."""
_JUDGED_BY = ("colour", "articulation", "timbre")
_JUDGED, _MEASURED = 1, 2  # beside steps, of which there are none so many
_LISTENING = 9  # a purpose of a stretch's seed, beside those that it is drawn by
_JUDGED_STRETCHES = 2
"""Of each held-out utterance."""
_PREVIEWS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFilterSettings:
    """How the generator learns."""

    seed: int = 1234
    batch_size: int = 4
    """Of all processes together."""
    schedule: WarmupCosine = field(default_factory=WarmupCosine)
    betas: tuple[float, float] = (0.9, 0.98)
    eps: float = 1e-8
    clip_norm: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerFiles:
    """What a training hears with."""

    content: Checkpoint
    """The family's encoder."""
    recogniser: Checkpoint
    """What hears phonemes in its features."""
    timbre: Path
    """Weights of what tells speakers apart, which are of no family."""


class _Attempt(NamedTuple):
    """Stretches said again, and how far off they are."""

    colour: Tensor
    articulation: Tensor
    timbre: Tensor
    pitch: Tensor
    wave: Tensor
    """(B, S)."""

    @property
    def distance(self) -> Tensor:
        """From the recordings: held-out ones are judged by it."""
        heard = _ARTICULATION_WEIGHT * self.articulation + _TIMBRE_WEIGHT * self.timbre
        return self.colour + heard

    @property
    def losses(self) -> dict[str, float]:
        """What a step tells of it."""
        told = (*_JUDGED_BY, "pitch")
        return {name: float(getattr(self, name).detach()) for name in told}


class SourceFilterTraining:
    """An acoustic stage with a source-filter generator in training; a `Trainee`.

    Args:
        checkpoint: The base.
        listeners: What hears phonemes, of its family, and what tells speakers apart.
        utterances: To learn from.
        held_out: To judge by and to hear; may be empty.
        settings: How.
        device: Where.
        group: Of processes.

    Raises:
        CheckpointError: The base is not whole, or no base of this kind, or a listener is not.
        InputError: An utterance does not fit the base.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        listeners: ListenerFiles,
        utterances: Sequence[TrainingUtterance],
        held_out: Sequence[TrainingUtterance],
        settings: SourceFilterSettings,
        *,
        device: torch.device | str = "cpu",
        group: ProcessGroup = ALONE,
    ) -> None:
        self.config, self.network = _load_trainable(checkpoint, device)
        self._settings = settings
        self._device = torch.device(device)
        self._group = group
        generator = self.network.dec
        assert isinstance(generator, SourceFilter)
        self._generator = generator
        self._listener = PhonemeListener(
            listeners.content,
            listeners.recogniser,
            self.network.ssl_proj,
            sample_rate=generator.config.sample_rate,
        )
        hop = generator.config.hop_length
        self._timbre = TimbreListener(listeners.timbre, sample_rate=generator.config.sample_rate)
        self._timbre.to(device)
        self._rows = StretchRows(utterances, self.config, hop)
        self._held_out = StretchRows(held_out, self.config, hop)
        if not self._rows.names:
            raise InputError("there is no utterance to learn from", remedy="add recordings")
        self._set_pitch_level()
        self._first = copy.deepcopy(generator).requires_grad_(requires_grad=False)
        learning = {n: p for n, p in self.network.named_parameters() if p.requires_grad}
        self._optimizer = NamedAdamW(
            [(1.0, learning)], betas=settings.betas, eps=settings.eps, weight_decay=0.0
        )
        files = (checkpoint, listeners.content, listeners.recogniser)
        self._models = (*(one.sha256 for one in files), WEIGHTS_SHA256)

    @property
    def identity(self) -> Mapping[str, Any]:
        """Models, settings and utterances."""
        return {
            "stage": "acoustic",
            "models": self._models,
            "settings": asdict(self._settings),
            "utterances": self._rows.names,
            "held_out": self._held_out.names,
        }

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        return self._settings.schedule.at(step)

    def take_step(self, step: int) -> Mapping[str, float]:
        """Learn from one batch."""
        settings = self._settings
        rows = rows_of_step(
            settings.seed, step, n_rows=len(self._rows.names), batch_size=settings.batch_size
        )
        places = self._group.share(range(len(rows)))
        seeds = [seed_of(settings.seed, step, place) for place in places]
        attempt = self._attempt(self._generator, self._rows, [rows[p] for p in places], seeds)
        self._optimizer.forget_gradients()
        torch.autograd.backward(attempt.distance + attempt.pitch)
        self._group.average_gradients(self._optimizer.parameters)
        norm = self._optimizer.step(self.rate(step), clip_norm=settings.clip_norm)
        return attempt.losses | {"gradient_norm": norm}

    @torch.no_grad()
    def validate(self, step: int) -> Validation:  # noqa: ARG002 - the same stretches at every step
        """Judge held-out utterances as those learnt from, and let some be heard."""
        attempts: list[_Attempt] = []
        previews: dict[str, tuple[NDArray[np.float32], int]] = {}
        generator = self._published()
        for row, name in enumerate(self._held_out.names):
            numbers = range(_JUDGED_STRETCHES)
            seeds = [seed_of(self._settings.seed, _JUDGED, row, number) for number in numbers]
            attempt = self._attempt(generator, self._held_out, [row] * len(seeds), seeds)
            attempts.append(attempt)
            if row < _PREVIEWS:
                sound = attempt.wave[0].clamp(-1, 1).cpu().numpy()
                previews[name] = (sound, self.config.spectrogram.sample_rate)
        if not attempts:
            return Validation(losses={}, score=float("inf"))
        means = {n: float(np.mean([one.losses[n] for one in attempts])) for n in _JUDGED_BY}
        score = float(np.mean([float(one.distance) for one in attempts]))
        return Validation(losses=means, score=score, previews=previews)

    def tensors(self) -> Mapping[str, Tensor]:
        """Weights and the optimizer's memory."""
        remembered = {n: t.detach().cpu() for n, t in self._optimizer.tensors().items()}
        network = {n: t.detach().cpu() for n, t in self.network.state_dict().items()}
        return prefixed("network", network) | prefixed("optimizer", remembered)

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take up what `tensors` gave."""
        self.network.load_state_dict(under("network", tensors))
        self._optimizer.restore(under("optimizer", tensors))

    def weights(self) -> Mapping[str, Tensor]:
        """The weights to publish, as `.pth` files name them."""
        published = {f"dec.{n}": t for n, t in self._published().state_dict().items()}
        found = {**self.network.state_dict(), **published}
        return {name: tensor.detach().cpu() for name, tensor in found.items()}

    @torch.no_grad()
    def _set_pitch_level(self) -> None:
        """Speak as high as the recordings do, each said in the style of others."""
        said: list[Tensor] = []
        recorded: list[Tensor] = []
        for row in range(len(self._rows.names)):
            lesson = self._on_device(
                self._rows.batch([row], [seed_of(self._settings.seed, _MEASURED, row)])
            )
            found = meant(self.network, self.config, lesson)
            said.append(self._generator.frames(found.latent, found.style).log_pitch)
            recorded.append(lesson.pitch)
        bias = self._generator.pitch.bias
        assert bias is not None, "the generator's pitch has a bias"
        bias.add_(pitch_level(said, recorded))

    def _on_device(self, lesson: Lesson) -> Lesson:
        return Lesson(*(tensor.to(self._device) for tensor in lesson))

    @torch.no_grad()
    def _published(self) -> SourceFilter:
        """Go part of the way from the base's generator to the one that learns."""
        generator = copy.deepcopy(self._first)
        pairs = zip(generator.parameters(), self._generator.parameters(), strict=True)
        for weight, learnt in pairs:
            weight.lerp_(learnt, _PUBLISHED_SHARE)
        return generator

    def _attempt(
        self, generator: SourceFilter, rows: StretchRows, chosen: list[int], seeds: list[int]
    ) -> _Attempt:
        """Say stretches again."""
        lesson = self._on_device(rows.batch(chosen, seeds))
        listening = [seed_of(seed, _LISTENING) for seed in seeds]
        with torch.no_grad():
            latent, style = meant(self.network, self.config, lesson)
            before = self._first.frames(latent, style)
            said = self._listener(lesson.wave)
        frames = generator.frames(latent, style)
        off = (frames.log_pitch - before.log_pitch) * _PITCH_WEIGHT
        # The pitch of the recording excites the filter, or harmonics would not lie side by side.
        heard = frames._replace(log_pitch=filled_pitch(lesson.pitch))
        wave = generator.synthesise(heard, lesson.noise)
        return _Attempt(
            colour=colour_distance(wave, lesson.wave, generator.config.sample_rate),
            articulation=articulation_distance(self._listener(wave), said),
            timbre=timbre_distance(self._timbre, wave, lesson.wave, listening),
            pitch=functional.smooth_l1_loss(off, torch.zeros_like(off)),
            wave=wave,
        )


def _load_trainable(
    checkpoint: Checkpoint, device: torch.device | str
) -> tuple[AcousticConfig, LatentSynthesizer]:
    """Build the network a base describes, of which only what says envelopes needs gradients."""
    shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
    config = read_acoustic_config(checkpoint.config, shapes, family=checkpoint.family)
    if config.latent is None or not isinstance(config.latent.generator, SourceFilterConfig):
        msg = f"{checkpoint.path}: holds a {checkpoint.family.value} model"
        raise CheckpointError(msg, remedy="give one whose generator says pitch and envelopes")
    with shapes_only():
        network = LatentSynthesizer(config, config.latent)
    tensors = {name: tensor.clone() for name, tensor in checkpoint.tensors.items()}
    load_strictly(network, tensors, source=checkpoint.path)
    network.to(device)
    for name, parameter in network.named_parameters():
        learns = name.startswith(_LEARNS) and not name.startswith(_NOT_ITS_PITCH)
        parameter.requires_grad_(learns)
    return config, network
