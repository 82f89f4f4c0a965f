"""Voices of a benchmark's project, trained as the command trains them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.pipeline.train.checks import require_fit
from voicepipe.pipeline.train.plan import TrainingRequest, plan_training
from voicepipe.pipeline.train.results import model_table
from voicepipe.pipeline.train.run import run_training

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.pipeline.train.checks import TrainingVoice
    from voicepipe.training.dataset.verdict import DatasetReport


def trained_models(
    subject: TrainingVoice, heard: DatasetReport, *, base: str = "", stages: Sequence[str] = ()
) -> dict[str, str]:
    """Train a voice on one core, and say which models its file should name.

    Args:
        subject: The voice.
        heard: What it learns from.
        base: Published family; empty: what the voice's file names.
        stages: What is trained; what the command trains unless told when empty.
    """
    require_fit(heard)
    asked = TrainingRequest(base=base, device="cpu", stages=tuple(stages))
    plan = plan_training(subject, heard, asked)
    outcome = run_training(plan, _Quiet())
    return model_table(plan, outcome.record)


class _Quiet:
    """Hears how far a training is, and says nothing."""

    def __call__(
        self, part: str, done: int, total: int, losses: Mapping[str, float] | None = None
    ) -> None:
        del part, done, total, losses

    def note(self, text: str) -> None:
        print(text)
