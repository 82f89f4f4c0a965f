"""A dataset as a whole: how much there is, how good it is, and whether it may be trained with.

The limits are named here with their reasons; what is under them is refused before an hour of
training is spent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicepipe.diagnostics import SourceSpan, has_errors
from voicepipe.documents.findings import Findings
from voicepipe.reports import counted
from voicepipe.training.codes import (
    DULL,
    FEW_MINUTES,
    FEW_SOUNDS,
    MISMATCHED,
    NOTHING_LEFT,
    OTHER_VOICE,
    PACE,
    TOO_LITTLE,
    TOO_POOR,
    UNEVEN,
)
from voicepipe.training.dataset.checks import DULL_HZ, NARROW_HZ, odd_paces, other_voices
from voicepipe.training.dataset.coverage import SoundCoverage, cover_sounds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.training.dataset.files import Coverage, Dataset
    from voicepipe.training.dataset.reading import DatasetClip, DatasetReader

LEAST_S: Final = 45.0
"""One recorded minute with its pauses cut off. Under it training learns sentences by heart, and a
reference clip with a published model clones better."""
LEAST_OF_CLIPS_S: Final = 2.5
"""Of reference clips, from which the embedded family learns a voice's colour and nothing else: the
shortest that may be one, with its pauses cut off."""
FEW_S: Final = 180.0
"""Under three minutes a voice has the timbre, and the melody of a few sentences."""
MOST_NARROW: Final = 0.5
"""Of the time: when most of what is heard lacks everything over 5 kHz, the model learns that
people do."""
MOST_OVERLOADED: Final = 1 / 3
"""Of the time; distortion on loud vowels only is learned from far less than half."""
LEAST_SNR_DB: Final = 12.0
"""Of the median recording. At 12 dB a room is as loud as the voice's softer consonants."""
MOST_LEFT_OUT: Final = 0.2
"""Of the takes: with one in five damaged, missing or beside the wrong text, the rest of the list
is not to be believed either."""
MOST_WITHOUT_TEXT: Final = 0.2
"""Of the recordings in the folder, when nothing names them: a transcript was forgotten."""
UNEVEN_LU: Final = 12.0
"""Between the quietest and the loudest tenth: calm speech to shouting."""
LEAST_SOUNDS: Final = 0.85
"""Of a language's sounds: the rarest seventh is missing from a minute of anybody's speech."""
LEAST_CORRELATION: Final = 0.35
"""Of text length with duration. Measured: 0.9 and more where they belong together, around 0 where
they do not."""
FEWEST_TO_COMPARE: Final = 12
"""Under a dozen recordings a correlation is chance."""
FEWEST_SOUNDS: Final = 8
"""A word or two may be drawn out as an actor likes; a sentence has its pace."""
LEAST_SPREAD: Final = 0.2
"""Standard deviation over mean of text lengths: equally long texts correlate with nothing."""

REFERENCE_S: Final = (3.0, 10.0)
"""What a reference clip may last."""
_POOR_REMEDY: Final = "record again or choose other takes; --check names them one by one"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFigures:
    """The figures of a dataset: of what is usable, unless said otherwise."""

    clips: int
    duration_s: float
    duration_s_by_language: Mapping[str, float]
    takes: int
    """With a recording and a text."""
    left_out: int
    """Takes or stretches that are not trained with."""
    cut: int
    """Takes that were cut into several stretches."""
    coverage: Coverage
    sample_rates: tuple[int, ...]
    bandwidth_hz: float
    """Median."""
    narrow_share: float
    """Of the time: telephone sound."""
    snr_db: float
    """Median."""
    overloaded_share: float
    """Of the time."""
    loudness_lufs: float | None
    """Median."""
    loudness_spread_lu: float
    """Between the quietest and the loudest tenth of the recordings."""
    phonemes_per_s: float
    """Median."""
    length_correlation: float | None
    """Of text length with duration; None where nothing can be told."""
    sounds: tuple[SoundCoverage, ...]
    """By language, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetReport:
    """A dataset, heard and judged."""

    dataset: Dataset
    clips: tuple[DatasetClip, ...]
    """Usable ones, sorted by name."""
    figures: DatasetFigures
    diagnostics: tuple[Diagnostic, ...]
    """Paths start from the dataset's folder."""

    @property
    def is_fit(self) -> bool:
        """Whether it may be trained with."""
        return not has_errors(self.diagnostics)


def judge_dataset(
    reader: DatasetReader,
    clips: Sequence[DatasetClip],
    problems: Sequence[Diagnostic],
    *,
    least_s: float = LEAST_S,
) -> DatasetReport:
    """Add up what was measured and decide.

    Args:
        reader: It has read every take.
        clips: All it gave.
        problems: Found before anything was heard.
        least_s: Usable speech that is asked for, in seconds.
    """
    findings = Findings()
    findings.extend(problems)
    findings.extend(reader.findings.diagnostics())
    usable = sorted((clip for clip in clips if clip.is_usable), key=lambda clip: clip.name)
    figures = _figures(reader, clips, usable)
    at = SourceSpan(path=next(iter(reader.dataset.transcripts), "."))
    if not clips and reader.dataset.takes:
        remedy = "the remarks above say why each was left out"
        findings.add(NOTHING_LEFT, at, "every recording was left out", remedy)
    elif clips:
        _name_odd_paces(usable, findings)
        _refuse_too_little(figures, least_s, at, findings)
        _refuse_poor(figures, at, findings)
        _refuse_mismatched(clips, figures, at, findings)
        _warn(figures, at, findings)
        if least_s >= LEAST_S:  # a few seconds never have all, and teach colour, not sounds
            _name_missing_sounds(figures, at, findings)
    return DatasetReport(
        dataset=reader.dataset,
        clips=tuple(usable),
        figures=figures,
        diagnostics=findings.diagnostics(),
    )


def name_other_voices(
    clips: Sequence[DatasetClip], embeddings: NDArray[np.float32]
) -> tuple[Diagnostic, ...]:
    """Warn of recordings that sound like somebody else.

    Args:
        clips: What was heard.
        embeddings: (clips, width) of the speaker network, in the same order.
    """
    findings = Findings()
    for place in other_voices(embeddings):
        message = f'"{clips[place].name}" sounds like somebody else than the others'
        remedy = "listen to it, and leave it out if in doubt"
        findings.add(OTHER_VOICE, clips[place].span, message, remedy)
    return findings.diagnostics()


def best_reference(report: DatasetReport) -> DatasetClip | None:
    """Choose a recording that would make a good reference clip: clean, 3 to 10 s, whole."""
    fitting = [
        clip
        for clip in report.clips
        if REFERENCE_S[0] <= clip.figures.duration_s <= REFERENCE_S[1] and clip.name == clip.path
    ]
    return max(fitting, key=lambda clip: clip.figures.snr_db, default=None)


def length_correlation(clips: Sequence[DatasetClip], shift: int = 0) -> float | None:
    """Correlate how long texts are with how long their recordings last.

    Args:
        clips: In the order of their transcript.
        shift: Compare each recording with the text this many places further on.

    Returns:
        From -1 to 1; None for too few, or for texts of one length.
    """
    texts = np.array([len(clip.sounds) for clip in clips], dtype=np.float64)
    lasts = np.array([clip.figures.duration_s for clip in clips], dtype=np.float64)
    if shift:
        texts, lasts = (
            (texts[shift:], lasts[:-shift]) if shift > 0 else (texts[:shift], lasts[-shift:])
        )
    if len(texts) < FEWEST_TO_COMPARE:
        return None
    if min(texts.std() / texts.mean(), lasts.std() / lasts.mean()) < LEAST_SPREAD:
        return None
    return float(np.corrcoef(_ranks(texts), _ranks(lasts))[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Put ranks in place of values, as Spearman did, so that one wrong text is one wrong text."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    tops = np.cumsum(counts)
    ranks: NDArray[np.float64] = (tops - (counts - 1) / 2.0)[places]
    return ranks


def _figures(
    reader: DatasetReader, clips: Sequence[DatasetClip], usable: Sequence[DatasetClip]
) -> DatasetFigures:
    by_language: dict[str, float] = {}
    for clip in usable:
        seconds = by_language.get(clip.language, 0.0) + clip.figures.duration_s
        by_language[clip.language] = seconds
    heard = [clip.figures for clip in usable]
    total = sum(figures.duration_s for figures in heard)
    loudness = [f.loudness_lufs for f in heard if f.loudness_lufs is not None]
    ends = np.percentile(loudness, (10, 90)) if loudness else (0.0, 0.0)
    return DatasetFigures(
        clips=len(usable),
        duration_s=total,
        duration_s_by_language=dict(sorted(by_language.items())),
        takes=len(reader.dataset.takes),
        left_out=reader.n_left_out + len(clips) - len(usable),
        cut=reader.n_cut,
        coverage=reader.dataset.coverage,
        sample_rates=tuple(sorted({figures.sample_rate for figures in heard})),
        bandwidth_hz=_median([figures.bandwidth_hz for figures in heard]),
        narrow_share=_share(usable, lambda clip: clip.figures.bandwidth_hz < NARROW_HZ),
        snr_db=_median([figures.snr_db for figures in heard]),
        overloaded_share=_share(usable, lambda clip: clip.figures.clipped_runs > 0),
        loudness_lufs=_median(loudness) if loudness else None,
        loudness_spread_lu=float(ends[1] - ends[0]),
        phonemes_per_s=_median([figures.phonemes_per_s for figures in heard]),
        length_correlation=length_correlation(clips),
        sounds=tuple(
            cover_sounds(
                language, (s for clip in usable if clip.language == language for s in clip.sounds)
            )
            for language in sorted(by_language)
        ),
    )


def _median(values: Sequence[float]) -> float:
    return float(np.median(np.asarray(values))) if values else 0.0


def _share(clips: Sequence[DatasetClip], is_so: Callable[[DatasetClip], bool]) -> float:
    total = sum(clip.figures.duration_s for clip in clips)
    return sum(clip.figures.duration_s for clip in clips if is_so(clip)) / total if total else 0.0


def _name_odd_paces(clips: Sequence[DatasetClip], findings: Findings) -> None:
    for language in sorted({clip.language for clip in clips}):
        mine = [clip for clip in clips if clip.language == language]
        spoken = [clip for clip in mine if len(clip.sounds) >= FEWEST_SOUNDS]
        paces = [clip.figures.phonemes_per_s for clip in spoken]
        usual = _median(paces)
        for index in odd_paces(paces):
            clip = spoken[index]
            message = (
                f'"{clip.name}" has {paces[index]:.1f} sounds a second, where {usual:.1f} are usual'
            )
            remedy = "compare text and recording; a word too many or too few is enough"
            findings.add(PACE, clip.text_span, message, remedy)


def _refuse_too_little(
    figures: DatasetFigures, least_s: float, at: SourceSpan, findings: Findings
) -> None:
    seconds = figures.duration_s
    if seconds < least_s:
        message = f"{seconds:.0f} s of usable speech; training needs {least_s:g} s or more"
        remedy = "record more; or use a reference clip with a published model, without training"
        findings.add(TOO_LITTLE, at, message, remedy)
    elif seconds < FEW_S:
        found = f"{seconds / 60:.1f} minutes" if seconds >= LEAST_S else f"{seconds:.0f} s"
        message = f"{found} of usable speech; {FEW_S / 60:g} minutes or more are good"
        findings.add(FEW_MINUTES, at, message, "record more, if the actor can be had again")


def _refuse_poor(figures: DatasetFigures, at: SourceSpan, findings: Findings) -> None:
    covered = figures.coverage
    takes = max(1, figures.takes + covered.without_recording)
    lost = (figures.left_out + covered.without_recording) / takes
    silent = covered.without_text / max(1, covered.recordings)
    reasons = (
        (
            figures.narrow_share > MOST_NARROW,
            f"{figures.narrow_share:.0%} of the time is telephone sound, with nothing above "
            f"{NARROW_HZ / 1000:g} kHz",
        ),
        (
            figures.overloaded_share > MOST_OVERLOADED,
            f"{figures.overloaded_share:.0%} of the time is in overloaded recordings",
        ),
        (
            figures.snr_db < LEAST_SNR_DB,
            f"the usual signal-to-noise ratio is {figures.snr_db:.0f} dB, under {LEAST_SNR_DB:g}",
        ),
        (
            lost > MOST_LEFT_OUT,
            f"{lost:.0%} of the recordings that transcripts name cannot be used",
        ),
        (
            silent > MOST_WITHOUT_TEXT,
            f"{covered.without_text} of {counted(covered.recordings, 'recording')} without a text",
        ),
    )
    for is_so, message in reasons:
        if is_so:
            findings.add(TOO_POOR, at, message, _POOR_REMEDY)


def _refuse_mismatched(
    clips: Sequence[DatasetClip], figures: DatasetFigures, at: SourceSpan, findings: Findings
) -> None:
    found = figures.length_correlation
    if found is None or found >= LEAST_CORRELATION:
        return
    message = f"long texts do not stand beside long recordings: their correlation is {found:.2f}"
    remedy = "compare a few texts with their recordings"
    written = sorted(clips, key=lambda clip: (clip.span.path, clip.span.line))
    for shift, where in ((1, "before"), (-1, "after")):
        moved = length_correlation(written, shift)
        if moved is not None and moved > 2 * LEAST_CORRELATION:
            message += f"; every text would fit the recording one row {where} it ({moved:.2f})"
            remedy = "look for a row too many or too few in the transcript's text column"
    findings.add(MISMATCHED, at, message, remedy)


def _warn(figures: DatasetFigures, at: SourceSpan, findings: Findings) -> None:
    if figures.loudness_spread_lu > UNEVEN_LU:
        message = (
            f"the quietest and the loudest recordings are {figures.loudness_spread_lu:.0f} LU "
            f"apart; {UNEVEN_LU:g} LU are usual in one session"
        )
        remedy = "train shouts and whispers as voices of their own"
        findings.add(UNEVEN, at, message, remedy)
    if NARROW_HZ <= figures.bandwidth_hz < DULL_HZ:
        message = (
            f"most recordings end at {figures.bandwidth_hz / 1000:.1f} kHz; "
            f"{DULL_HZ / 1000:g} kHz or more are good"
        )
        findings.add(DULL, at, message, "use the originals, before any compression")


def _name_missing_sounds(figures: DatasetFigures, at: SourceSpan, findings: Findings) -> None:
    for covered in figures.sounds:
        if covered.share < LEAST_SOUNDS:
            n_there = covered.n_known - len(covered.missing)
            message = (
                f'{n_there} of {covered.n_known} sounds of "{covered.language}" occur; '
                f"missing are {', '.join(covered.missing)}"
            )
            findings.add(FEW_SOUNDS, at, message, "record some sentences with them")


def figure_text(value: float) -> str:
    """Write decibels for people; digital silence has no limit."""
    return "∞" if math.isinf(value) else f"{value:.0f}"
