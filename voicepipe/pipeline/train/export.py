"""Trained stages into the project's library, with whose recordings they were made of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import Trained
from voicepipe.pipeline.train.checks import dataset_key
from voicepipe.pipeline.train.model_names import model_name
from voicepipe.training.stage_names import ROLES

if TYPE_CHECKING:
    from voicepipe.model_store.lock import LockedModel
    from voicepipe.pipeline.train.plan import Plan
    from voicepipe.training.stage_run import StageRun


def adopt_stage(plan: Plan, stage: str, training: StageRun) -> LockedModel:
    """Put what a stage has learned into the library, in place of an older training of the voice.

    Raises:
        CheckpointError: The training diverged.
        EnvironmentFault: The library cannot be written.
    """
    return training.publish(
        ModelLibrary(plan.subject.root),
        name=model_name(plan.subject, stage, plan.request.name),
        info=f"{stage} stage of the voice {plan.subject.voice.id}",
        trained=partial(trained_facts, plan, stage),
    )


def trained_facts(plan: Plan, stage: str, steps: int) -> Trained:
    """Say what goes into the lock: whose recordings, under whose word, on top of what."""
    consent = plan.subject.voice.consent
    assert consent is not None, "a plan has consent"
    base = plan.bases.files[ROLES[stage]]
    return Trained(
        voice=plan.subject.voice.id,
        consent=consent.id,
        dataset_sha256=dataset_key(plan.report),
        base=base.name,
        base_sha256=base.sha256,
        steps=steps,
    )
