"""Training the acoustic stage: what this speaker's tokens sound like.

Generator and critics take turns, as upstream's `s2_train.py` has them: critics learn first, then
the generator against the critics that have just learnt. The quantizer is frozen; what reads text
learns more slowly.

Source: RVC-Boss/GPT-SoVITS@48b1a01, `s2_train.py`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import torch

from voicepipe.errors import CheckpointError, InputError
from voicepipe.model.acoustic.config import AcousticConfig, read_acoustic_config
from voicepipe.model.acoustic.layers import no_dropout
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.config import Family
from voicepipe.model.noise import latent_noise
from voicepipe.model.spectral import mel_of_spectrogram
from voicepipe.model.training.acoustic_losses import (
    cut_slices,
    discriminator_loss,
    divergence_loss,
    feature_loss,
    generator_loss,
    mel_loss,
)
from voicepipe.model.training.discriminators import (
    CRITICS_REMEDY,
    DiscriminatorConfig,
    Discriminators,
    read_discriminator_config,
)
from voicepipe.model.training.indexed_rng import RowDropout, row_noise, seed_of, slice_starts
from voicepipe.model.training.synthesizer import (
    AcousticBatch,
    Synthesis,
    load_trainable_synthesizer,
    loss_mel_config,
    pad_rows,
)
from voicepipe.model.training.weight_init import initialise
from voicepipe.model.training.weight_norm_form import load_trainable, to_file_names
from voicepipe.training.loops.acoustic_rows import AcousticRows
from voicepipe.training.loops.loop import Validation
from voicepipe.training.loops.optimizers import NamedAdamW, prefixed, under
from voicepipe.training.loops.precision import mixed_precision
from voicepipe.training.loops.process_group import ALONE
from voicepipe.training.loops.sampling import rows_of_step
from voicepipe.training.loops.schedules import EpochDecay

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from voicepipe.model.acoustic.layers import Dropout
    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.training.dataset.utterance import TrainingUtterance
    from voicepipe.training.loops.process_group import ProcessGroup

_SLOW_PARTS = ("enc_p.text_embedding.", "enc_p.encoder_text.", "enc_p.mrte.")
_PREVIEW_NOISE = 0.5
_SLICES, _NOISE, _DROPOUT, _CRITICS, _JUDGED = range(5)  # what one seed is used for


@dataclass(frozen=True, slots=True, kw_only=True)
class AcousticSettings:
    """How the acoustic stage learns."""

    seed: int = 1234
    batch_size: int = 8
    """Of all processes together."""
    slice_frames: int = 32
    """Length of the generated slices: 0.64 s."""
    schedule: EpochDecay = field(default_factory=EpochDecay)
    text_rate: float = 0.4
    """Factor of the rate for what reads text."""
    betas: tuple[float, float] = (0.8, 0.99)
    eps: float = 1e-9
    weight_decay: float = 0.01
    clip_norm: float | None = None
    """Upstream measures the norm and clips nothing."""
    dropout: float = 0.1
    mel_weight: float = 45.0
    divergence_weight: float = 1.0
    n_mels: int = 128
    n_previews: int = 2


class AcousticTraining:
    """An acoustic stage and its critics in training; a `Trainee`.

    Args:
        checkpoint: The base, whole: with its posterior encoder.
        utterances: To learn from.
        held_out: To judge by and to hear; may be empty.
        settings: How.
        critics: The critics' own checkpoint tensors, by name; `None` begins with fresh ones.
        critic_sizes: Of fresh critics; upstream's of the base's family when absent.
        device: Where.
        group: Of processes.

    Raises:
        CheckpointError: The base or the critics cannot be trained on.
        InputError: An utterance does not fit the base.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        utterances: Sequence[TrainingUtterance],
        held_out: Sequence[TrainingUtterance],
        settings: AcousticSettings,
        *,
        critics: Checkpoint | None = None,
        critic_sizes: DiscriminatorConfig | None = None,
        device: torch.device | str = "cpu",
        group: ProcessGroup = ALONE,
    ) -> None:
        shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
        if checkpoint.is_lora:
            msg = f"{checkpoint.path}: holds changes to a base, not a whole model"
            raise CheckpointError(msg, remedy="train the whole base")
        self.config: AcousticConfig = read_acoustic_config(
            checkpoint.config, shapes, family=checkpoint.family
        )
        self._settings = settings
        self._device = torch.device(device)
        self._group = group
        self._rows = AcousticRows(utterances, self.config)
        self._held_out = AcousticRows(held_out, self.config)
        if not self._rows.names:
            raise InputError("there is no utterance to learn from", remedy="add recordings")
        self.network = load_trainable_synthesizer(
            self.config, checkpoint.tensors, source=checkpoint.path
        ).to(device)
        sizes = critic_sizes or DiscriminatorConfig.of_family(checkpoint.family)
        self.critics = _critics(critics, sizes, settings.seed).to(device)
        self._bands = loss_mel_config(self.config, settings.n_mels)
        self._makers, self._judges = self._optimizers()
        self._base = (checkpoint.sha256, critics.sha256 if critics else "")

    @property
    def identity(self) -> Mapping[str, Any]:
        """Base, critics, settings and utterances."""
        return {
            "stage": "acoustic",
            "base": self._base[0],
            "critics": self._base[1] or asdict(self.critics.config),
            "settings": asdict(self._settings),
            "utterances": self._rows.names,
            "held_out": self._held_out.names,
        }

    def rate(self, step: int) -> float:
        """Learning rate of a step."""
        return self._settings.schedule.at(step)

    def take_step(self, step: int) -> Mapping[str, float]:
        """Let the critics learn from one batch, then the generator."""
        settings = self._settings
        rows = rows_of_step(
            settings.seed, step, n_rows=len(self._rows.names), batch_size=settings.batch_size
        )
        places = self._group.share(range(len(rows)))
        batch = self._rows.batch([rows[place] for place in places], beside=rows).to(self._device)
        seeds = [seed_of(settings.seed, step, place) for place in places]
        starts = slice_starts(
            [seed_of(seed, _SLICES) for seed in seeds], _lengths(batch), settings.slice_frames
        )
        made = self._synthesise(
            batch, starts, [seed_of(seed, _NOISE) for seed in seeds], self._dropout(seeds)
        )
        recorded = self._recorded(batch, starts)
        losses = self._teach_critics(step, recorded, made.audio.detach())
        return losses | self._teach_generator(step, batch, made, recorded, starts)

    @torch.no_grad()
    def validate(self, step: int) -> Validation:  # noqa: ARG002 - nothing here depends on the step
        """Judge held-out utterances by mel difference and divergence, and let some be heard."""
        mels, divergences = [], []
        previews: dict[str, tuple[NDArray[np.float32], int]] = {}
        for row, name in enumerate(self._held_out.names):
            batch = self._held_out.batch([row]).to(self._device)
            seed = seed_of(self._settings.seed, _JUDGED, row)
            starts = slice_starts([seed], _lengths(batch), self._settings.slice_frames)
            made = self._synthesise(batch, starts, [seed], no_dropout)
            mels.append(float(self._mel_loss(batch, made, starts)))
            divergences.append(float(_divergence(made, batch) / batch.mask.sum()))
            if row < self._settings.n_previews:
                sound = self._preview(batch, seed)
                previews[name] = (sound, self.config.spectrogram.sample_rate)
        if not mels:
            return Validation(losses={}, score=float("inf"))
        losses = {"mel": sum(mels) / len(mels), "divergence": sum(divergences) / len(divergences)}
        return Validation(losses=losses, score=losses["mel"], previews=previews)

    def tensors(self) -> Mapping[str, Tensor]:
        """Weights and the optimizers' memory."""
        parts = {
            "network": self.network.state_dict(),
            "critics": self.critics.state_dict(),
            "makers": self._makers.tensors(),
            "judges": self._judges.tensors(),
        }
        return {
            name: tensor.detach().cpu()
            for prefix, tensors in parts.items()
            for name, tensor in prefixed(prefix, tensors).items()
        }

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take up what `tensors` gave."""
        self.network.load_state_dict(under("network", tensors))
        self.critics.load_state_dict(under("critics", tensors))
        self._makers.restore(under("makers", tensors))
        self._judges.restore(under("judges", tensors))

    def weights(self) -> Mapping[str, Tensor]:
        """The network's weights, as whole `.pth` files name them."""
        named = to_file_names(self.network.state_dict())
        return {name: tensor.detach().cpu() for name, tensor in named.items()}

    def _optimizers(self) -> tuple[NamedAdamW, NamedAdamW]:
        learning = {n: p for n, p in self.network.named_parameters() if p.requires_grad}
        slow = {n: p for n, p in learning.items() if n.startswith(_SLOW_PARTS)}
        fast = {n: p for n, p in learning.items() if n not in slow}
        settings = self._settings
        makers, judges = (
            NamedAdamW(
                groups,
                betas=settings.betas,
                eps=settings.eps,
                weight_decay=settings.weight_decay,
            )
            for groups in (
                [(1.0, fast), (settings.text_rate, slow)],
                [(1.0, dict(self.critics.named_parameters()))],
            )
        )
        return makers, judges

    def _synthesise(
        self, batch: AcousticBatch, starts: Sequence[int], seeds: Sequence[int], dropout: Dropout
    ) -> Synthesis:
        drawn = row_noise(seeds, _lengths(batch), self.config.latent_width)
        noise = pad_rows(list(drawn), batch.mask.shape[2]).to(self._device)
        with mixed_precision(self._device):
            return self.network.synthesise(
                batch,
                noise=noise,
                starts=starts,
                slice_frames=self._settings.slice_frames,
                dropout=dropout,
            )

    def _teach_critics(self, step: int, recorded: Tensor, made: Tensor) -> dict[str, float]:
        self._judges.forget_gradients()
        with mixed_precision(self._device):
            real, fake = self.critics(recorded), self.critics(made)
        loss = discriminator_loss(real, fake)
        torch.autograd.backward(loss)
        self._group.average_gradients(self._judges.parameters)
        norm = self._judges.step(self.rate(step), clip_norm=self._settings.clip_norm)
        return {"critics": float(loss.detach()), "critics_gradient_norm": norm}

    def _teach_generator(
        self,
        step: int,
        batch: AcousticBatch,
        made: Synthesis,
        recorded: Tensor,
        starts: Sequence[int],
    ) -> dict[str, float]:
        # The critics judge here and do not learn: no gradient is kept for their weights.
        self.critics.requires_grad_(requires_grad=False)
        with mixed_precision(self._device):
            with torch.no_grad():
                real = self.critics(recorded)
            fake = self.critics(made.audio)
        settings = self._settings
        # Gradients are averaged over processes, so each brings its share of the sum that often.
        n_frames = self._group.total(float(batch.mask.sum())) / self._group.n_processes
        losses = {
            "adversarial": generator_loss(fake),
            "feature": feature_loss(real, fake),
            "mel": settings.mel_weight * self._mel_loss(batch, made, starts),
            "divergence": settings.divergence_weight * _divergence(made, batch) / n_frames,
        }
        self._makers.forget_gradients()
        torch.autograd.backward(list(losses.values()))
        self.critics.requires_grad_(requires_grad=True)
        self._group.average_gradients(self._makers.parameters)
        norm = self._makers.step(self.rate(step), clip_norm=settings.clip_norm)
        return {n: float(loss.detach()) for n, loss in losses.items()} | {"gradient_norm": norm}

    def _mel_loss(self, batch: AcousticBatch, made: Synthesis, starts: Sequence[int]) -> Tensor:
        mel = mel_of_spectrogram(batch.spectrogram, self._bands)
        target = cut_slices(mel, starts, self._settings.slice_frames)
        return mel_loss(target, made.audio, self._bands)

    def _recorded(self, batch: AcousticBatch, starts: Sequence[int]) -> Tensor:
        hop = self.config.spectrogram.hop_length
        return cut_slices(
            batch.samples, [start * hop for start in starts], self._settings.slice_frames * hop
        )

    def _preview(self, batch: AcousticBatch, seed: int) -> NDArray[np.float32]:
        """Say an utterance from its tokens and phonemes, as a render would."""
        style = self.network.style_of(batch)
        prior = self.network.prior(batch.semantic_tokens, list(batch.phoneme_ids), style)
        noise = latent_noise(seed, prior.mean.shape[2], self.config.latent_width)
        latent = self.network.latent(prior, style, noise[None].to(self._device), _PREVIEW_NOISE)
        samples: NDArray[np.float32] = self.network.dec(latent, style)[0, 0].cpu().numpy()
        return samples

    def _dropout(self, seeds: Sequence[int]) -> Dropout:
        if not self._settings.dropout:
            return no_dropout
        own = [seed_of(seed, _DROPOUT) for seed in seeds]
        return RowDropout(self._settings.dropout, own, self._device)


def _critics(
    checkpoint: Checkpoint | None, sizes: DiscriminatorConfig, seed: int
) -> Discriminators:
    if checkpoint is None:
        critics = Discriminators(sizes)
        initialise(critics, seed_of(seed, _CRITICS))
        return critics.train()
    if checkpoint.family is not Family.DISCRIMINATOR:
        msg = f"{checkpoint.path}: holds a {checkpoint.family.value} model, not critics"
        raise CheckpointError(msg, remedy=CRITICS_REMEDY)
    shapes = {name: tuple(tensor.shape) for name, tensor in checkpoint.tensors.items()}
    found = read_discriminator_config(shapes, source=str(checkpoint.path))
    with shapes_only():
        critics = Discriminators(found)
    load_trainable(critics, checkpoint.tensors, source=checkpoint.path)
    return critics.train()


def _divergence(made: Synthesis, batch: AcousticBatch) -> Tensor:
    return divergence_loss(
        made.flowed,
        made.posterior.log_scale,
        made.prior.mean,
        made.prior.log_scale,
        batch.mask,
    )


def _lengths(batch: AcousticBatch) -> tuple[int, ...]:
    return tuple(int(n) for n in batch.mask.sum(dim=(1, 2)))
