"""Before a training: whose voice it is, whether they allowed it, and whether the data is fit.

Torch-free: everything that can refuse a training is asked here, before a model is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicepipe.consent.gate import training_problem
from voicepipe.diagnostics import did_you_mean, has_errors
from voicepipe.errors import InputError, UsageError
from voicepipe.hashing import sha256_of_json
from voicepipe.pipeline.permissions import consent_day, load_voices
from voicepipe.pipeline.project import input_error
from voicepipe.pipeline.render.store_notes import noted_anywhere
from voicepipe.pipeline.train.reference_dataset import reference_dataset
from voicepipe.pipeline.train.trained_models import training_folder
from voicepipe.settings import load_settings
from voicepipe.text.lexicon import load_lexicon
from voicepipe.training.dataset.files import read_dataset
from voicepipe.training.dataset.reading import DatasetReader
from voicepipe.training.dataset.verdict import LEAST_OF_CLIPS_S, LEAST_S, judge_dataset

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.settings import Settings
    from voicepipe.text.lexicon import Lexicon
    from voicepipe.training.dataset.files import Dataset
    from voicepipe.training.dataset.reading import DatasetClip
    from voicepipe.training.dataset.verdict import DatasetReport
    from voicepipe.voices.voice import Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingVoice:
    """A voice that is to be trained, in its project."""

    root: Path
    settings: Settings
    voice: Voice
    lexicon: Lexicon
    today: datetime.date

    @property
    def out(self) -> Path:
        """The output folder."""
        return self.root / self.settings.out

    @property
    def folder(self) -> Path:
        """Everything that training keeps of this voice; it goes when the voice is revoked."""
        return training_folder(self.out, self.voice.id)

    @property
    def voice_path(self) -> str:
        """The voice's file, from the project root."""
        return f"{self.settings.voices}/{self.voice.id}.yaml"


def load_training_voice(
    root: Path, voice: str, *, today: datetime.date | None = None
) -> TrainingVoice:
    """Find a voice in its project.

    Args:
        root: The project.
        voice: Its id.
        today: The day consent is asked for; None: now.

    Raises:
        UsageError: No such voice.
        InputError: The settings, the voice's file or the lexicon are wrong.
        EnvironmentFault: The shared store, which may say that the voice is revoked, cannot be
            reached.
    """
    settings, problems = load_settings(root)
    if settings is None:
        raise input_error(root, problems)
    catalog, found = load_voices(root, settings, noted_anywhere(root, settings))
    chosen = next((one for one in catalog.voices.values() if one.id == voice), None)
    if chosen is None:
        path = f"{settings.voices}/{voice}.yaml"
        mine = [problem for problem in found if problem.span.path == path]
        if has_errors(mine):
            raise input_error(root, mine)
        known = sorted(catalog.voices)
        raise UsageError(
            f'there is no voice "{voice}"{did_you_mean(voice, known)}',
            remedy=f"add {path} with the consent of the person first",
        )
    lexicon, said = load_lexicon(root, settings.lexicon)
    if has_errors(said):
        raise input_error(root, said)
    day = today or consent_day(root, settings)
    return TrainingVoice(root=root, settings=settings, voice=chosen, lexicon=lexicon, today=day)


def consent_to_train(subject: TrainingVoice, languages: tuple[str, ...]) -> Diagnostic | None:
    """Ask whether a model may be made of this voice's recordings.

    Args:
        subject: The voice.
        languages: Of the recordings, as their transcripts say.

    Returns:
        Why not, or a warning that consent ends soon; None when all is allowed.
    """
    return training_problem(
        subject.voice.consent,
        voice=subject.voice.id,
        bank=subject.settings.bank,
        languages=languages,
        today=subject.today,
        voice_span=subject.voice.span,
        territories=subject.settings.territories,
    )


def require_consent(subject: TrainingVoice, languages: tuple[str, ...]) -> Diagnostic | None:
    """Go on only with consent.

    Returns:
        A warning that it ends soon, or None.

    Raises:
        InputError: The voice's consent does not cover training.
    """
    problem = consent_to_train(subject, languages)
    if problem is not None and has_errors([problem]):
        raise input_error(subject.root, [problem])
    return problem


def hear_dataset(
    subject: TrainingVoice,
    data: Path,
    *,
    language: str = "",
    speaker: str = "",
    on_take: Callable[[int, int], None] = lambda _done, _all: None,
) -> DatasetReport:
    """Listen to a dataset and judge it.

    Args:
        subject: Whose it is.
        data: A folder, or a transcript in one.
        language: For texts that name none; empty: the only one of the voice, or of the project.
        speaker: Whose rows count, where a list has several speakers.
        on_take: Told how many takes of how many have been heard.

    Raises:
        UsageError: There is no such dataset or speaker.
        EnvironmentFault: A folder cannot be read.
    """
    spoken = subject.voice.languages or subject.settings.languages
    usual = spoken[0] if len(spoken) == 1 else ""
    dataset, problems = read_dataset(data, language=language or usual, speaker=speaker)
    return _judged(subject, dataset, problems, LEAST_S, on_take)


def hear_reference_clips(
    subject: TrainingVoice, *, on_take: Callable[[int, int], None] = lambda _done, _all: None
) -> DatasetReport:
    """Listen to a voice's reference clips in place of a dataset.

    Args:
        subject: Whose they are. Clips of an emotion are left out: they would become the voice.
        on_take: Told how many clips of how many have been heard.

    Raises:
        UsageError: The voice has no clip that is neutral.
    """
    dataset = reference_dataset(subject.root, subject.voice, subject.voice_path)
    return _judged(subject, dataset, (), LEAST_OF_CLIPS_S, on_take)


def _judged(
    subject: TrainingVoice,
    dataset: Dataset,
    problems: Sequence[Diagnostic],
    least_s: float,
    on_take: Callable[[int, int], None],
) -> DatasetReport:
    reader = DatasetReader(dataset, subject.lexicon, subject.voice.id)
    clips: list[DatasetClip] = []
    for number, (_, found) in enumerate(reader.clips(), start=1):
        clips += found
        on_take(number, len(dataset.takes))
    return judge_dataset(reader, clips, problems, least_s=least_s)


def require_fit(report: DatasetReport) -> None:
    """Go on only with a dataset that trains a good voice.

    Raises:
        InputError: With every diagnostic; paths start from the dataset's folder.
    """
    if report.is_fit:
        return
    error = input_error(report.dataset.folder, report.diagnostics)
    raise InputError(
        error.message.replace("in the project's files", "in the training data"),
        remedy="mend them; the same command with --check shows warnings too",
        diagnostics=error.diagnostics,
        root=error.root,
    )


def dataset_key(report: DatasetReport) -> str:
    """Name what is trained with: recordings, stretches and texts, wherever they lie."""
    return sha256_of_json(
        [[clip.sha256, clip.start, clip.end, clip.language, clip.text] for clip in report.clips]
    )
