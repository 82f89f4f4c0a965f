"""What is to be trained on what, where and how long, all decided before anything is; imports torch.

Torch only counts graphics cards here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.errors import UsageError
from voicepipe.hashing import sha256_of_json
from voicepipe.pipeline.train.bases import Bases, find_bases, find_critics, find_timbre_weights
from voicepipe.pipeline.train.checks import TrainingVoice, dataset_key, require_consent
from voicepipe.pipeline.train.model_names import require_name
from voicepipe.pipeline.train.one_person import require_one_person
from voicepipe.synthesis.voice_models import SOVITS
from voicepipe.training.dataset.verdict import LEAST_S
from voicepipe.training.devices import CPU, training_devices
from voicepipe.training.report.records import RunFolder
from voicepipe.training.stage_names import ACOUSTIC, SEMANTIC, STAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicepipe.model.training.discriminators import DiscriminatorConfig
    from voicepipe.synthesis.voice_models import ModelFile
    from voicepipe.training.dataset.verdict import DatasetReport

PASSES: Final = {SEMANTIC: 15, ACOUSTIC: 8}
"""Times through the data when nobody says otherwise: what the community fine-tunes with."""
EMBEDDED_PASSES: Final = {SEMANTIC: 4, ACOUSTIC: 4}
"""Of the smallest family: either stage has learnt a minute of speech after a hundred steps, and
held-out lines surprise the semantic one more from then on."""
_EMBEDDED_RECIPE: Final = "articulation, pitch level, timbre"
"""Another way of training makes another training of the same recordings."""
CLIP_STEPS: Final = 20
"""From less speech than a training else asks for: as like as after a hundred, and more natural."""
EMBEDDED_STAGES: Final = (ACOUSTIC,)
"""Of the smallest family, when nobody says otherwise: its melody gains nothing from a minute."""
FEWEST_CLIPS: Final = 100
"""A pass over fewer counts as one over so many, or a minute of speech would take a dozen steps."""
BATCH_CPU, BATCH_GPU = 4, 8
"""By memory: a card of 12 GB takes eight clips of ten seconds through the acoustic stage. Each card
takes its own; processes on the processor share theirs."""
_KEY_DIGITS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRequest:
    """What is asked of a training."""

    base: str = ""
    """Published family; empty: what the voice's file names."""
    stages: tuple[str, ...] = ()
    """Empty: both; of the smallest family, the acoustic one."""
    passes: int = 0
    """0: as many as the family and the stage need."""
    steps: int = 0
    """A stage, in place of passes; 0: by passes."""
    batch: int = 0
    """0: by the device."""
    device: str = ""
    """One, or several with commas between. Empty: as the settings say, or else all graphics cards,
    or the processor."""
    jobs: int = 0
    """Processes on the processor; 0: one."""
    seed: int = 1234
    name: str = ""
    """Of the models; empty: the voice's id."""
    critics: str = ""
    """What judges the acoustic stage at first: a model of the library; empty: fresh ones."""
    critic_sizes: DiscriminatorConfig | None = None
    """Of fresh ones; None: upstream's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A training, all decided."""

    subject: TrainingVoice
    report: DatasetReport
    request: TrainingRequest
    bases: Bases
    critics: ModelFile | None
    """None: fresh ones."""
    timbre: Path | None
    """Weights of what tells speakers apart; None: nothing is trained that learns by them."""
    devices: tuple[str, ...]
    """One a process."""
    batch: int
    """Of all processes together."""
    steps: Mapping[str, int]
    """Stage → steps."""
    languages: tuple[str, ...]

    @property
    def device(self) -> str:
        """Where one process alone listens and speaks."""
        return self.devices[0]

    @property
    def is_embedded(self) -> bool:
        """Whether it begins with the smallest family."""
        return self.bases.is_embedded

    @property
    def key(self) -> str:
        """Names what is trained: the same data, bases and settings go on where they stopped."""
        return sha256_of_json(
            {
                "data": dataset_key(self.report),
                "bases": dict(self.bases.models),
                "batch": self.batch,
                "steps": dict(self.steps),
                "seed": self.request.seed,
                "critics": self._critics,
                **({"recipe": _EMBEDDED_RECIPE} if self.is_embedded else {}),
            }
        )

    @property
    def _critics(self) -> str | None:
        if self.critics is not None:
            return self.critics.sha256
        return None if self.request.critic_sizes is None else repr(self.request.critic_sizes)

    @property
    def folder(self) -> RunFolder:
        """Where this training is written down."""
        place = self.subject.folder / "runs" / self.key[:_KEY_DIGITS]
        return RunFolder(self.subject.out, place)


def plan_training(subject: TrainingVoice, report: DatasetReport, request: TrainingRequest) -> Plan:
    """Decide everything that was left open.

    Args:
        subject: The voice; consent is required here.
        report: A dataset that is fit.
        request: What is asked.

    Raises:
        InputError: Consent does not cover it, or a few clips are of several people.
        UsageError: A stage, base, device, critics or name that does not exist, a batch that the
            processes cannot share, too little speech for what is to be trained, or a language that
            the base cannot speak.
        EnvironmentFault: A base model is not on this machine.
    """
    languages = tuple(report.figures.duration_s_by_language)
    require_consent(subject, languages)
    unknown = [stage for stage in request.stages if stage not in STAGES]
    if unknown:
        raise UsageError(
            f'there is no stage "{", ".join(unknown)}"', remedy=f"stages are {', '.join(STAGES)}"
        )
    bases = find_bases(subject, request.base, request.stages or STAGES)
    stages = request.stages or (EMBEDDED_STAGES if bases.is_embedded else STAGES)
    for stage in stages:
        require_name(subject, stage, request.name)
    _require_critics_are_heard(request, stages, bases)
    _require_much_speech(report, stages, bases)
    _require_heard_languages(languages, bases)
    timbre = find_timbre_weights() if bases.is_embedded and ACOUSTIC in stages else None
    if timbre is not None and _is_little(report):
        require_one_person(report, timbre)
    devices = _devices(subject, request)
    batch = _batch(request, devices)
    passes = EMBEDDED_PASSES if bases.is_embedded else PASSES
    steps: dict[str, int] = {
        stage: request.steps or _steps(report, request.passes, passes[stage], batch)
        for stage in STAGES
        if stage in stages
    }
    return Plan(
        subject=subject,
        report=report,
        request=request,
        bases=bases,
        critics=find_critics(subject, request.critics) if request.critics else None,
        timbre=timbre,
        devices=devices,
        batch=batch,
        steps=steps,
        languages=languages,
    )


def _require_critics_are_heard(
    request: TrainingRequest, stages: Sequence[str], bases: Bases
) -> None:
    if request.critics and ACOUSTIC not in stages:
        raise UsageError(
            "critics judge the acoustic stage, which is not to be trained",
            remedy="leave out --critics, or train both stages",
        )
    if request.critics and bases.is_embedded:
        raise UsageError(
            "the acoustic stage of the embedded family is trained without critics",
            remedy="leave out --critics",
        )


def _steps(report: DatasetReport, asked_passes: int, usual_passes: int, batch: int) -> int:
    if _is_little(report) and not asked_passes:
        return CLIP_STEPS
    n_clips = max(FEWEST_CLIPS, len(report.clips))
    return math.ceil((asked_passes or usual_passes) * n_clips / batch)


def _is_little(report: DatasetReport) -> bool:
    """Only reference clips may be so short."""
    return report.figures.duration_s < LEAST_S


def _require_much_speech(report: DatasetReport, stages: Sequence[str], bases: Bases) -> None:
    """A few seconds teach colour to the one generator that says it, and nothing else."""
    if _is_little(report) and (not bases.is_embedded or SEMANTIC in stages):
        raise UsageError(
            "from reference clips only the embedded family's acoustic stage learns a voice",
            remedy="say --base tiny and leave out --stages; or give a minute of speech: "
            "--data FOLDER",
        )


def _require_heard_languages(languages: Sequence[str], bases: Bases) -> None:
    """Phonemes that a base never heard would be learnt from nothing but these recordings."""
    if bases.languages is None:
        return
    unheard = [language for language in languages if language not in bases.languages]
    if unheard:
        raise UsageError(
            f'"{bases.files[SOVITS].name}" never heard {", ".join(unheard)}; '
            f"it speaks {', '.join(sorted(bases.languages))}",
            remedy="leave these recordings out, or begin with another family: --base v2proplus",
        )


def _devices(subject: TrainingVoice, request: TrainingRequest) -> tuple[str, ...]:
    """Say where to compute; what the settings leave to their default is left to the machine."""
    render = subject.settings.render
    stated = render.device if "device" in render.model_fields_set else ""
    return training_devices(request.device or stated, jobs=request.jobs)


def _batch(request: TrainingRequest, devices: Sequence[str]) -> int:
    n_processes = len(devices)
    if not request.batch:
        if devices[0] != CPU:
            return BATCH_GPU * n_processes
        return n_processes * math.ceil(BATCH_CPU / n_processes)
    if request.batch % n_processes:
        raise UsageError(
            f"{n_processes} processes cannot share a batch of {request.batch} evenly",
            remedy=f"say --batch {n_processes * math.ceil(request.batch / n_processes)}",
        )
    return request.batch
