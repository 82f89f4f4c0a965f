"""One stage of a training, ready to be stepped through; imports torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from voicepipe.model.acoustic.source_filter_config import with_learnt_tone
from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.config import Family
from voicepipe.reports import counted
from voicepipe.training.devices import CPU
from voicepipe.training.export import chosen_weights, export_weights, register_model
from voicepipe.training.loops.acoustic_trainer import AcousticSettings, AcousticTraining
from voicepipe.training.loops.loop import LoopSettings, train
from voicepipe.training.loops.process_group import ALONE
from voicepipe.training.loops.processes import run_together
from voicepipe.training.loops.schedules import WarmupCosine
from voicepipe.training.loops.semantic_trainer import SemanticSettings, SemanticTraining
from voicepipe.training.loops.source_filter_trainer import (
    ListenerFiles,
    SourceFilterSettings,
    SourceFilterTraining,
)
from voicepipe.training.stage_names import SEMANTIC

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    import torch

    from voicepipe.model.checkpoints.reading import Checkpoint
    from voicepipe.model.training.discriminators import DiscriminatorConfig
    from voicepipe.model_store.library import ModelLibrary
    from voicepipe.model_store.lock import LockedModel, Trained
    from voicepipe.training.dataset.utterance import TrainingUtterance
    from voicepipe.training.loops.loop import Trainee, TrainingEvent
    from voicepipe.training.loops.process_group import ProcessGroup

SAVES = 10
"""States saved in a training, at least: what a kill costs is a tenth of it."""
MOST_BETWEEN_SAVES = 100
"""Steps: minutes on a graphics card, and a quarter of an hour on a processor."""
_WARMUP_SHARE = 0.05
_LONGEST_WARMUP = 50
_SOURCE_FILTER_PEAK, _SOURCE_FILTER_WARMUP_SHARE = 1e-3, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenerPaths:
    """What the smallest family's acoustic stage learns by."""

    content: Path
    """Its encoder."""
    recogniser: Path
    """What hears phonemes."""
    timbre: Path
    """What tells speakers apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWork:
    """How one stage is trained."""

    n_steps: int
    batch: int
    seed: int
    devices: tuple[str, ...]
    """One a process; they share each batch."""
    critics: Path | None = None
    """Weights of what judges the acoustic stage; None: fresh ones."""
    critic_sizes: DiscriminatorConfig | None = None
    """Of fresh critics; None: upstream's."""
    listeners: ListenerPaths | None = None
    """None where the acoustic stage is of another family, or is not trained."""

    @property
    def every(self) -> int:
        """Steps between saved states, and between validations."""
        return max(1, min(MOST_BETWEEN_SAVES, -(-self.n_steps // SAVES)))


class StageRun:
    """A stage that is being trained, or goes on being trained.

    Args:
        stage: `semantic` or `acoustic`.
        base: Weights that it begins with.
        learned: To learn from.
        held_out: To judge by.
        work: How.
        folder: The stage's own: states, events, previews.
        device: Of this process among several; empty: the only one, or for several the processor,
            where their result is taken up.
        group: Of processes.

    Raises:
        InputError: A recording does not fit the base.
        EnvironmentFault: The base or the critics cannot be read.
    """

    def __init__(
        self,
        stage: str,
        base: Path,
        learned: Sequence[TrainingUtterance],
        held_out: Sequence[TrainingUtterance],
        work: StageWork,
        folder: Path,
        *,
        device: str = "",
        group: ProcessGroup = ALONE,
    ) -> None:
        self.base = load_checkpoint(base)
        self._folder = folder
        self._group = group
        self._devices = work.devices
        self._member = partial(_member, stage, base, learned, held_out, work, folder)
        device = device or (work.devices[0] if len(work.devices) == 1 else CPU)
        self._settings = LoopSettings(
            n_steps=work.n_steps,
            save_every=work.every,
            validate_every=work.every if held_out else 0,
        )
        build = _semantic if stage == SEMANTIC else _acoustic
        self._trainee = build(self.base, learned, held_out, work, device, group)

    def events(self) -> Generator[TrainingEvent, None, None]:
        """Train to the last step, in as many processes as there are devices.

        Yields:
            Events, each after it was logged.

        Raises:
            EnvironmentFault: The training diverged, a process of several failed, or a state
                cannot be read or written.
        """
        if len(self._devices) > 1:
            yield from run_together(self._member, self._devices)
        else:
            yield from self.own_events()

    def own_events(self) -> Iterator[TrainingEvent]:
        """Train in this process, alone or as one of its group."""
        yield from train(self._trainee, self._settings, self._folder, group=self._group)

    def publish(
        self, library: ModelLibrary, *, name: str, info: str, trained: Callable[[int], Trained]
    ) -> LockedModel:
        """Write what was learned as a community file, and bring it into the library.

        Call it once there are no more events. What recordings that were held out liked best is
        taken, or the last step where none were.

        Args:
            library: The project's.
            name: Of the model.
            info: What it is, for people.
            trained: Says whose it is, given how many steps it took.

        Raises:
            CheckpointError: The weights do not fit half precision.
            EnvironmentFault: A state cannot be read, or a file cannot be written.
        """
        steps, weights = chosen_weights(self._trainee, self._folder)
        suffix = ".ckpt" if self.base.family is Family.SEMANTIC else ".pth"
        path = self._folder / f"{name}{suffix}"
        is_embedded = self.base.family is Family.TINY
        export_weights(
            weights,
            self.base,
            path,
            info=f"{info}, {counted(steps, 'step')}",
            config=with_learnt_tone(self.base.config) if is_embedded else None,
        )
        return register_model(library, path, name=name, base=self.base, trained=trained(steps))


def _semantic(
    base: Checkpoint,
    learned: Sequence[TrainingUtterance],
    held_out: Sequence[TrainingUtterance],
    work: StageWork,
    device: str,
    group: ProcessGroup,
) -> Trainee:
    warmup = min(_LONGEST_WARMUP, int(work.n_steps * _WARMUP_SHARE))
    schedule = WarmupCosine(warmup_steps=warmup, total_steps=work.n_steps)
    settings = SemanticSettings(seed=work.seed, batch_size=work.batch, schedule=schedule)
    return SemanticTraining(base, learned, held_out, settings, device=device, group=group)


def _acoustic(
    base: Checkpoint,
    learned: Sequence[TrainingUtterance],
    held_out: Sequence[TrainingUtterance],
    work: StageWork,
    device: str,
    group: ProcessGroup,
) -> Trainee:
    if base.family is Family.TINY:
        warmup = min(_LONGEST_WARMUP, int(work.n_steps * _SOURCE_FILTER_WARMUP_SHARE))
        schedule = WarmupCosine(
            peak=_SOURCE_FILTER_PEAK,
            start=_SOURCE_FILTER_PEAK / max(1, warmup),
            end=_SOURCE_FILTER_PEAK / 20,
            warmup_steps=warmup,
            total_steps=work.n_steps,
        )
        assert work.listeners is not None, "a plan of the smallest family has listeners"
        listeners = ListenerFiles(
            content=load_checkpoint(work.listeners.content, family=Family.PHONETIC),
            recogniser=load_checkpoint(work.listeners.recogniser),
            timbre=work.listeners.timbre,
        )
        own = SourceFilterSettings(seed=work.seed, batch_size=work.batch, schedule=schedule)
        return SourceFilterTraining(
            base, listeners, learned, held_out, own, device=device, group=group
        )
    return AcousticTraining(
        base,
        learned,
        held_out,
        AcousticSettings(seed=work.seed, batch_size=work.batch),
        critics=None if work.critics is None else load_checkpoint(work.critics),
        critic_sizes=work.critic_sizes,
        device=device,
        group=group,
    )


def _member(
    stage: str,
    base: Path,
    learned: Sequence[TrainingUtterance],
    held_out: Sequence[TrainingUtterance],
    work: StageWork,
    folder: Path,
    group: ProcessGroup,
    device: torch.device,
) -> Iterator[TrainingEvent]:
    """Train as one of several processes."""
    run = StageRun(stage, base, learned, held_out, work, folder, device=str(device), group=group)
    yield from run.own_events()
