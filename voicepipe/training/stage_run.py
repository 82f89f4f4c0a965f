"""One stage of a training, ready to be stepped through; imports torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from safetensors import SafetensorError
from safetensors.torch import save_file

from voicepipe.errors import EnvironmentFault
from voicepipe.hashing import sha256_of_file
from voicepipe.model.checkpoint import SIDECAR_SCHEMA, load_checkpoint
from voicepipe.models.convert import DESCRIPTION_NAME, WEIGHTS_NAME
from voicepipe.training.acoustic_trainer import AcousticSettings, AcousticTraining
from voicepipe.training.loop import BEST_NAME, LoopSettings, train
from voicepipe.training.schedules import WarmupCosine
from voicepipe.training.semantic_trainer import SemanticSettings, SemanticTraining
from voicepipe.training.stage_names import SEMANTIC
from voicepipe.training.state import load_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from voicepipe.model.training.discriminators import DiscriminatorConfig
    from voicepipe.training.loop import Trainee, TrainingEvent
    from voicepipe.training.utterance import TrainingUtterance

SAVES = 10
"""States saved in a training, at least: what a kill costs is a tenth of it."""
MOST_BETWEEN_SAVES = 100
"""Steps: minutes on a graphics card, and a quarter of an hour on a processor."""
_PREFIX = "model."
"""Of the semantic stage's weights in `.ckpt` files; files of the library do without."""
_TRAINING_ONLY = "enc_q."
"""The posterior encoder, which no render needs."""
_WARMUP_SHARE = 0.05
_LONGEST_WARMUP = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWork:
    """How one stage is trained."""

    n_steps: int
    batch: int
    seed: int
    device: str
    critics: DiscriminatorConfig | None = None
    """Sizes of what judges the acoustic stage; None: upstream's."""

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

    Raises:
        InputError: A recording does not fit the base.
        EnvironmentFault: The base cannot be read.
    """

    def __init__(
        self,
        stage: str,
        base: Path,
        learned: Sequence[TrainingUtterance],
        held_out: Sequence[TrainingUtterance],
        work: StageWork,
        folder: Path,
    ) -> None:
        self.base = load_checkpoint(base)
        self._folder = folder
        self._settings = LoopSettings(
            n_steps=work.n_steps,
            save_every=work.every,
            validate_every=work.every if held_out else 0,
        )
        self._keeps_best = stage == SEMANTIC
        self._trainee: Trainee
        if stage == SEMANTIC:
            warmup = min(_LONGEST_WARMUP, int(work.n_steps * _WARMUP_SHARE))
            schedule = WarmupCosine(warmup_steps=warmup, total_steps=work.n_steps)
            self._trainee = SemanticTraining(
                self.base,
                learned,
                held_out,
                SemanticSettings(seed=work.seed, batch_size=work.batch, schedule=schedule),
                device=work.device,
            )
        else:
            self._trainee = AcousticTraining(
                self.base,
                learned,
                held_out,
                AcousticSettings(seed=work.seed, batch_size=work.batch),
                critic_sizes=work.critics,
                device=work.device,
            )

    def events(self) -> Iterator[TrainingEvent]:
        """Train to the last step.

        Yields:
            Events, each after it was logged.

        Raises:
            EnvironmentFault: The training diverged, or a state cannot be read or written.
        """
        yield from train(self._trainee, self._settings, self._folder)

    def write_model(self, folder: Path, *, name: str, info: str) -> str:
        """Write what was learned as a model of the library: weights and their description.

        Args:
            folder: Empty; it becomes the model's.
            name: Of the model.
            info: What it is, for people.

        Returns:
            The weights' sha256.

        Raises:
            EnvironmentFault: The folder cannot be written.
        """
        weights = folder / WEIGHTS_NAME
        tensors = {key: tensor.contiguous() for key, tensor in self.weights().items()}
        try:
            save_file(tensors, weights, metadata={"format": "pt"})
            digest = sha256_of_file(weights)
            description = {
                "schema": SIDECAR_SCHEMA,
                "family": self.base.family.value,
                "lora_rank": None,
                "info": info,
                "source": name,
                "source_sha256": digest,
                "config": self.base.config,
            }
            content = orjson.dumps(description, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
            (folder / DESCRIPTION_NAME).write_bytes(content + b"\n")
        except (OSError, SafetensorError) as error:
            raise EnvironmentFault(
                f"{folder}: {error}", remedy="check permissions and space, then run again"
            ) from error
        return digest

    def weights(self) -> dict[str, Tensor]:
        """Give what was learned, once there are no more events, by the names of weight files.

        The semantic stage is taken where recordings that were held out were best: it learns a
        few minutes by heart sooner or later. The acoustic stage has no such point; its last step
        counts.
        """
        best = None
        if self._keeps_best:
            best = load_state(self._folder / BEST_NAME, self._trainee.identity)
        found = self._trainee.weights() if best is None else best.tensors
        return {
            name.removeprefix(_PREFIX): tensor.half() if tensor.is_floating_point() else tensor
            for name, tensor in found.items()
            if not name.startswith(_TRAINING_ONLY)
        }
