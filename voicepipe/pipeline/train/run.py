"""A training from recordings to models in the library; imports torch.

Listening, both stages and the export each go on where they were stopped: what a kill costs is the
steps since the last saved state.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from filelock import FileLock, Timeout

from voicepipe.bank.faults import explained
from voicepipe.bank.files import make_folder, remove_tree
from voicepipe.clock import utc_now
from voicepipe.documents.findings import Findings
from voicepipe.documents.inside import refuse_links
from voicepipe.errors import BankLocked, InputError, UsageError
from voicepipe.hashing import sha256_of_bytes
from voicepipe.model.encoders import timbre
from voicepipe.pipeline.train.checks import (
    TrainingVoice,
    consent_to_train,
    dataset_key,
    load_training_voice,
    require_consent,
)
from voicepipe.pipeline.train.export import adopt_stage
from voicepipe.synthesis.model_cache import ModelCache, Needed
from voicepipe.synthesis.voice_models import HUBERT, RECOGNISER
from voicepipe.training.dataset.facts import figures_facts
from voicepipe.training.dataset.features import FeatureMaker
from voicepipe.training.dataset.verdict import name_other_voices
from voicepipe.training.report.records import RunFolder, RunRecord
from voicepipe.training.stage_names import ROLES
from voicepipe.training.stage_run import ListenerPaths, StageRun, StageWork

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.hashing import Json
    from voicepipe.pipeline.train.plan import Plan
    from voicepipe.training.dataset.reading import DatasetClip
    from voicepipe.training.dataset.utterance import TrainingUtterance

HELD_OUT_SHARE: Final = 0.05
MOST_HELD_OUT: Final = 8
FEWEST_TO_HOLD_OUT: Final = 20
"""With fewer clips every one of them is needed for learning."""
LEAST_HELD_OUT: Final = 2
"""By whatever learns from a minute: it would learn that by heart, and nobody would know."""


class Watcher(Protocol):
    """Told how far the work is."""

    def __call__(
        self, part: str, done: int, total: int, losses: Mapping[str, float] | None = None
    ) -> None:
        """Take note of an advance."""

    def note(self, text: str) -> None:
        """Take note of something in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a training."""

    run: RunFolder
    record: RunRecord
    remarks: tuple[Diagnostic, ...]
    """Recordings that sound like somebody else; paths from the dataset's folder."""


def run_training(plan: Plan, watcher: Watcher) -> Outcome:
    """Train, or go on training, and put the models into the library.

    Args:
        plan: All decided.
        watcher: Told how far it is.

    Raises:
        InputError: Consent was revoked meanwhile; everything of the training is removed.
        BankLocked: The same voice is being trained already.
        EnvironmentFault: A model, a device, a process that was killed, or the disk.
    """
    with _only_one(plan.subject):
        run = plan.folder
        record = run.read()
        if record is not None and record.is_finished:
            watcher.note("this training has been done: the same data, bases and settings")
            return Outcome(run=run, record=record, remarks=())
        make_folder(run.path, within=plan.subject.out)
        utterances = _utterances(plan, watcher)
        remarks = _other_voices(plan.report.clips, utterances)
        record = _record(plan) if record is None else record
        run.write(record)
        models: dict[str, str] = {}
        learned, held_out = split(utterances, least=LEAST_HELD_OUT if plan.is_embedded else 0)
        for stage, n_steps in plan.steps.items():
            work, place = _work(plan, n_steps), run.stage(stage)
            base = plan.subject.root / plan.bases.files[ROLES[stage]].path
            training = StageRun(stage, base, learned, held_out, work, place)
            with closing(training.events()) as events:
                for event in events:
                    if event.kind == "step":
                        watcher(f"{stage} stage", event.step, n_steps, event.losses)
            _ask_again(plan)
            models[ROLES[stage]] = adopt_stage(plan, stage, training).name
        record = replace(record, models=models)
        run.write(record)
        return Outcome(run=run, record=record, remarks=remarks)


def split(
    utterances: Sequence[TrainingUtterance], *, least: int = 0
) -> tuple[list[TrainingUtterance], list[TrainingUtterance]]:
    """Part what is learned from and what is only judged by; a recording always falls the same way.

    Args:
        utterances: All of them.
        least: So many are held out however few there are, but never more than a quarter.

    Returns:
        To learn from, and held out: a twentieth, at most eight, none of fewer than twenty.
    """
    n_held = min(MOST_HELD_OUT, int(len(utterances) * HELD_OUT_SHARE))
    if len(utterances) < FEWEST_TO_HOLD_OUT:
        n_held = 0
    n_held = max(n_held, min(least, len(utterances) // 4))
    drawn = sorted(utterances, key=lambda u: sha256_of_bytes(u.name.encode("utf-8", "replace")))
    held = {utterance.name for utterance in drawn[:n_held]}
    return (
        [utterance for utterance in utterances if utterance.name not in held],
        [utterance for utterance in utterances if utterance.name in held],
    )


@contextmanager
def _only_one(subject: TrainingVoice) -> Iterator[None]:
    make_folder(subject.folder, within=subject.out)
    place = subject.folder / "lock"
    refuse_links(subject.out, place)
    lock = FileLock(place)
    with explained(place):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise BankLocked(
                f'the voice "{subject.voice.id}" is being trained by another process',
                remedy=f"wait; `voicepipe train status {subject.voice.id}` shows how far it is",
            ) from None
    try:
        yield
    finally:
        lock.release()


def _utterances(plan: Plan, watcher: Watcher) -> list[TrainingUtterance]:
    subject = plan.subject
    model_cache = ModelCache(subject.root, plan.device)
    maker = FeatureMaker(
        subject.out,
        subject.folder,
        plan.report.dataset.folder,
        model_cache,
        Needed(models=plan.bases.models, files=plan.bases.paths),
        symbols=plan.bases.symbols,
        lexicon=subject.lexicon,
        speaker=subject.voice.id,
        reads_characters=not plan.is_embedded,
    )
    clips = plan.report.clips
    found: list[TrainingUtterance] = []
    for prepared in maker.prepare(clips):
        found.append(prepared.utterance)
        watcher("listening", len(found), len(clips))
    model_cache.clear()
    return found


def _other_voices(
    clips: Sequence[DatasetClip], utterances: Sequence[TrainingUtterance]
) -> tuple[Diagnostic, ...]:
    embeddings = [u.speaker_embedding for u in utterances if u.speaker_embedding is not None]
    if len(embeddings) != len(utterances) or not embeddings:
        return Findings().diagnostics()
    return name_other_voices(clips, np.stack(embeddings))


def _record(plan: Plan) -> RunRecord:
    consent = plan.subject.voice.consent
    assert consent is not None, "a plan has consent"
    facts: dict[str, Json] = {
        "id": consent.id,
        "kind": consent.kind.value,
        "who": consent.who,
        "scope": list(consent.scope),
        "languages": list(consent.languages),
        "until": None if consent.valid_until is None else str(consent.valid_until),
        "evidence_sha256": consent.evidence_sha256,
    }
    settings: dict[str, Json] = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(plan.request).items()
        if name != "critic_sizes"
    }
    models = dict(plan.bases.files) | ({"critics": plan.critics} if plan.critics else {})
    bases = {role: f"{file.name} ({file.sha256[:12]})" for role, file in models.items()}
    if plan.timbre is not None:
        bases["timbre"] = f"{timbre.PACKAGE} ({timbre.WEIGHTS_SHA256[:12]})"
    return RunRecord(
        voice=plan.subject.voice.id,
        key=plan.key,
        begun=utc_now(),
        consent=facts,
        dataset_sha256=dataset_key(plan.report),
        dataset=figures_facts(plan.report.figures),
        remarks=tuple(f"{d.code}: {d.message}" for d in plan.report.diagnostics),
        bases=bases,
        settings=settings
        | {"device": ",".join(plan.devices), "batch": plan.batch, "stages": list(plan.steps)},
        steps=dict(plan.steps),
    )


def _work(plan: Plan, n_steps: int) -> StageWork:
    return StageWork(
        n_steps=n_steps,
        batch=plan.batch,
        seed=plan.request.seed,
        devices=plan.devices,
        critics=None if plan.critics is None else plan.subject.root / plan.critics.path,
        critic_sizes=plan.request.critic_sizes,
        listeners=_listeners(plan),
    )


def _listeners(plan: Plan) -> ListenerPaths | None:
    if plan.timbre is None:
        return None
    content, recogniser = (
        plan.subject.root / plan.bases.files[role].path for role in (HUBERT, RECOGNISER)
    )
    return ListenerPaths(content=content, recogniser=recogniser, timbre=plan.timbre)


def _ask_again(plan: Plan) -> None:
    """Look at the voice's file once more: hours have passed since consent was asked for.

    Raises:
        InputError: It was revoked, or ran out; what was made of the recordings is removed.
    """
    try:
        subject = load_training_voice(plan.subject.root, plan.subject.voice.id)
        problem = consent_to_train(subject, plan.languages)
        require_consent(subject, plan.languages)
    except (InputError, UsageError) as error:
        if plan.subject.folder.is_dir():
            remove_tree(plan.subject.folder, within=plan.subject.out)
        raise InputError(
            f'the voice "{plan.subject.voice.id}" may not be trained any more; '
            "what this training kept is removed",
            remedy=error.message,
            diagnostics=getattr(error, "diagnostics", ()),
            root=plan.subject.root,
        ) from error
    assert problem is None or problem.severity.value != "error"
