"""The loop that every training shares: step, measure, save, and go on where it stopped.

On a CPU a training that is killed at any moment and begun again gives the same losses and the same
weights, bit for bit, as one that was not, given as many threads. Knows nothing of networks: a
`Trainee` takes the steps.
"""

from __future__ import annotations

import time
from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.bank.record_fields import Count, read_fields
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import EnvironmentFault
from voicepipe.regular_files import read_regular
from voicepipe.training.loops.process_group import ALONE
from voicepipe.training.loops.state import TrainingState, load_state, save_state
from voicepipe.training.report.records import EVENTS_NAME, LARGEST_EVENTS, without_nulls

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from voicepipe.training.loops.process_group import ProcessGroup

STATES_NAME = "states"
BEST_NAME = "best"
PREVIEWS_NAME = "previews"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopSettings:
    """How long to train, and how often to look."""

    n_steps: int
    save_every: int = 100
    """Steps between saved states; the last step is saved whatever it is."""
    validate_every: int = 100
    """Steps between validations; 0 never validates."""
    keep_states: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEvent:
    """One line of `events.jsonl`."""

    kind: str
    """`step`, or `validation`."""
    step: Count
    """Steps taken so far, this one included."""
    losses: Mapping[str, float]
    lr: float
    seconds: float
    """Of this step or validation."""
    previews: tuple[str, ...] = ()
    """Sound files of a validation, relative to the training's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What held-out utterances say."""

    losses: Mapping[str, float]
    score: float
    """Smaller is better; the best weights are kept."""
    previews: Mapping[str, tuple[NDArray[np.float32], int]] = field(default_factory=dict)
    """Samples and sample rate by name."""


class Trainee(Protocol):
    """A network that can be trained."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """What is trained on what with which settings, as plain JSON."""

    def rate(self, step: int) -> float:
        """Learning rate of a step."""

    def take_step(self, step: int) -> Mapping[str, float]:
        """Learn from the batch of a step, from 0; a function of the state and the step alone."""

    def validate(self, step: int) -> Validation:
        """Judge held-out utterances after `step` steps; changes nothing."""

    def tensors(self) -> Mapping[str, Tensor]:
        """All that the next step depends on, on the CPU."""

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take up what `tensors` gave."""

    def weights(self) -> Mapping[str, Tensor]:
        """The network's weights by the names of community files, on the CPU."""


@dataclass(slots=True)
class _Progress:
    step: int = 0
    best_step: int = 0
    best_loss: float = float("inf")


def train(
    trainee: Trainee, settings: LoopSettings, folder: Path, *, group: ProcessGroup = ALONE
) -> Iterator[TrainingEvent]:
    """Train, or go on training, until the settings' last step.

    Args:
        trainee: Freshly built from its base; a saved state overrides its weights.
        settings: `n_steps` may be raised between runs.
        folder: The training's own: states, best weights, previews and events.
        group: Of processes; all of them run this, the first one writes.

    Yields:
        Events, each after it was logged. Stop asking at any time: nothing is lost but the steps
        since the last state.

    Raises:
        UsageError: The folder holds another training.
        EnvironmentFault: The training diverged, or a state cannot be read or written.
    """
    progress = _resume(trainee, folder)
    is_first = group.rank == 0
    group.wait()
    if is_first:
        _cut_events(folder, progress.step)
    while progress.step < settings.n_steps:
        started = time.perf_counter()
        rate = trainee.rate(progress.step)
        losses = group.mean(dict(trainee.take_step(progress.step)))
        progress.step += 1
        event = TrainingEvent(
            kind="step",
            step=progress.step,
            losses=losses,
            lr=rate,
            seconds=time.perf_counter() - started,
        )
        if is_first:
            yield _logged(folder, event)
            if settings.validate_every and progress.step % settings.validate_every == 0:
                yield _logged(folder, _validated(trainee, folder, progress, rate))
            if progress.step % settings.save_every == 0 or progress.step == settings.n_steps:
                _save(trainee, folder, progress, settings.keep_states)
        else:
            yield event
        group.wait()


def read_events(folder: Path) -> tuple[TrainingEvent, ...]:
    """Read a training's events; a last line cut short by a crash is left out.

    Raises:
        EnvironmentFault: They cannot be read.
    """
    path = folder / EVENTS_NAME
    try:
        lines = read_regular(path, limit=LARGEST_EVENTS).split(b"\n")
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise EnvironmentFault(f"{path}: {error.strerror or error}") from error
    events = []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            facts = without_nulls(orjson.loads(line))
        except orjson.JSONDecodeError:
            facts = None
        event, fault = read_fields(facts, TrainingEvent)
        if event is not None:
            events.append(event)
        elif number < len(lines):
            msg = f"{path}:{number}: not an event of a training: {fault}"
            raise EnvironmentFault(msg, remedy="remove the line")
    return tuple(events)


def _resume(trainee: Trainee, folder: Path) -> _Progress:
    state = load_state(folder / STATES_NAME, trainee.identity)
    if state is None:
        return _Progress()
    trainee.restore(state.tensors)
    return _Progress(state.step, state.best_step, state.best_loss)


def _cut_events(folder: Path, step: int) -> None:
    """Forget what was logged after the state that the training goes on from."""
    refuse_links(folder, folder / EVENTS_NAME)
    folder.mkdir(parents=True, exist_ok=True)
    kept = [event for event in read_events(folder) if event.step <= step]
    aside = folder / f".{EVENTS_NAME}"
    aside.write_bytes(b"".join(map(_line, kept)))
    aside.replace(folder / EVENTS_NAME)


def _logged(folder: Path, event: TrainingEvent) -> TrainingEvent:
    with (folder / EVENTS_NAME).open("ab") as log:
        log.write(_line(event))
    return event


def _line(event: TrainingEvent) -> bytes:
    return orjson.dumps(asdict(event)) + b"\n"


def _validated(trainee: Trainee, folder: Path, progress: _Progress, rate: float) -> TrainingEvent:
    started = time.perf_counter()
    found = trainee.validate(progress.step)
    if found.score < progress.best_loss:
        progress.best_step, progress.best_loss = progress.step, found.score
        best = TrainingState(
            step=progress.step,
            best_step=progress.step,
            best_loss=found.score,
            identity=trainee.identity,
            tensors=trainee.weights(),
        )
        save_state(folder / BEST_NAME, best, keep=1)
    previews = _write_previews(folder, progress.step, found)
    return TrainingEvent(
        kind="validation",
        step=progress.step,
        losses=found.losses,
        lr=rate,
        seconds=time.perf_counter() - started,
        previews=previews,
    )


def _write_previews(folder: Path, step: int, found: Validation) -> tuple[str, ...]:
    place = folder / PREVIEWS_NAME / f"step-{step:08d}"
    if found.previews:
        refuse_links(folder, place)
        place.mkdir(parents=True, exist_ok=True)
    for name, (samples, sample_rate) in found.previews.items():
        clip = AudioClip(samples=samples, sample_rate=sample_rate)
        (place / f"{name}.wav").write_bytes(encode_wav(clip, bit_depth=16, dither_seed=0))
    return tuple((place / f"{name}.wav").relative_to(folder).as_posix() for name in found.previews)


def _save(trainee: Trainee, folder: Path, progress: _Progress, keep: int) -> None:
    state = TrainingState(
        step=progress.step,
        best_step=progress.best_step,
        best_loss=progress.best_loss,
        identity=trainee.identity,
        tensors=trainee.tensors(),
    )
    save_state(folder / STATES_NAME, state, keep=keep)
