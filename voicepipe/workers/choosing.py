"""Which of an engine's answers becomes a take, and what is found out about its clip.

A judge says whether an answer is speech at all; one that has to fit a slot is spoken again at
another pace; an examiner listens to the finished clip, and a line whose clip fails is made again.
Stores nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.audio.postprocess import finish_clip
from voicepipe.audio.wav import decode_clip
from voicepipe.errors import EnvironmentFault, QcRefused, RenderError
from voicepipe.hashing import seed_of_hash
from voicepipe.labels.labelling import labelled, marked
from voicepipe.qc.examining import Examiner, ExaminerSetup
from voicepipe.qc.judge import DEFAULT_JUDGE, Accepted, AnotherAttempt, judge_named
from voicepipe.qc.retakes import ERROR_SCORE, Tried, best_of, needs_another
from voicepipe.qc.verdicts import judge_findings
from voicepipe.synthesis.fitting import MOST_CORRECTIONS, better_pace, fitted
from voicepipe.workers.jobs import MakeAgain
from voicepipe.workers.stage_clock import JUDGE, LISTEN, POST, StageClock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.postprocess import FinishedClip
    from voicepipe.engines.protocol import Rendered
    from voicepipe.qc.examining import KnownFindings
    from voicepipe.qc.judge import Finding, Judge
    from voicepipe.qc.verdicts import Examined
    from voicepipe.workers.jobs import ClipJob


@dataclass(frozen=True, slots=True, kw_only=True)
class FinisherSetup:
    """What a finisher is made with, in whichever process."""

    out: Path
    """The output folder."""
    judge: str = DEFAULT_JUDGE
    """`module:class` of the judge that decides which sounds become takes."""
    root: Path | None = None
    """The project, for judges with models of their own; None: the current folder."""
    examiner: ExaminerSetup | None = None
    """Who listens to finished clips; None: nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The attempt that becomes the take, and what is known of it."""

    attempt: Rendered
    clip: AudioClip
    findings: tuple[Finding, ...] = ()
    """About the take."""
    finished: FinishedClip | None = None
    """Made already, to be listened to."""
    tried: Tried | None = None
    retakes: int = 0
    first_error: float | None = None
    pace: float = 1.0
    """As `ClipRetakes`."""


class Chooser:
    """Chooses among what an engine made; judge and examiner are made when there is a sound."""

    def __init__(self, setup: FinisherSetup) -> None:
        self._setup = setup
        self._judge: Judge | None = None
        self._examiner = None if setup.examiner is None else Examiner(setup.examiner)

    def chosen(
        self,
        job: ClipJob,
        attempts: Sequence[Rendered],
        n_left: int,
        tried: tuple[Tried, ...],
        clock: StageClock,
    ) -> Chosen | MakeAgain:
        """Decide which attempt becomes the take, if it is not to be made once more."""
        try:
            with clock.timing(JUDGE):
                accepted = self._accepted(attempts, n_left)
        except RenderError:
            if not tried:
                raise
            return self._best(job, attempts, tried)  # a retake that fails costs no line
        pace = None if accepted is None else _pace_to_try(job, accepted.chosen, attempts)
        if accepted is None or pace is not None:
            return MakeAgain(tried=tried, is_retake=False, pace=pace)
        chosen = _fitted(job, accepted.chosen, findings=accepted.findings)
        if job.expected is None or self._examiner is None:
            return chosen
        finished, one = self._listened_to(job, attempts, chosen, clock)
        tried = (*tried, one)
        if needs_another(tried, job.expected):
            return MakeAgain(tried=tried, is_retake=True)
        best = self._best(job, attempts, tried, last=chosen)
        return replace(best, finished=finished) if best.tried is one else best

    def _best(
        self,
        job: ClipJob,
        attempts: Sequence[Rendered],
        tried: tuple[Tried, ...],
        last: Chosen | None = None,
    ) -> Chosen:
        """Give the best of what was listened to; `last` is what the newest of it came to."""
        best = best_of(tried)
        retakes = len(tried) - 1
        made = last if last is not None and best is tried[-1] else None
        return replace(
            made or _fitted(job, attempts[best.index]),
            tried=best,
            retakes=retakes,
            first_error=tried[0].verdict.scores.get(ERROR_SCORE) if retakes else None,
        )

    def _listened_to(
        self, job: ClipJob, attempts: Sequence[Rendered], chosen: Chosen, clock: StageClock
    ) -> tuple[FinishedClip, Tried]:
        assert job.expected is not None
        assert self._examiner is not None
        with clock.timing(POST):
            finished = finish(job, chosen.clip)
        with clock.timing(LISTEN):
            sound = decode_clip(finished.wav_bytes, job.line_id)[0]
            examined = self._examiner.examine(lambda: sound, job.expected).all
        index = next(n for n, one in enumerate(attempts) if one.request is chosen.attempt.request)
        verdict = judge_findings(job.expected.standard, examined)
        scores = chosen.attempt.scores
        return finished, Tried(index=index, examined=examined, verdict=verdict, scores=scores)

    def _accepted(self, attempts: Sequence[Rendered], n_left: int) -> Accepted | None:
        """Ask the judge; None: it wants another attempt, and there may be one."""
        if self._judge is None:
            self._judge = _opened(self._setup)
        verdict = self._judge.judge(attempts, n_left=n_left)
        if isinstance(verdict, Accepted):
            _require_made(verdict, attempts)
            return verdict
        if isinstance(verdict, AnotherAttempt) and n_left > 0:
            return None
        raise verdict.error

    def examined(
        self,
        job: ClipJob,
        sound: Callable[[], AudioClip],
        known: KnownFindings,
        clock: StageClock,
    ) -> tuple[Examined, ...]:
        """Find out about a clip that is no new take: another finish of one, or a recording."""
        if job.expected is None or self._examiner is None:
            return ()
        with clock.timing(LISTEN):
            return self._examiner.examine(sound, job.expected, known).all


def finish(job: ClipJob, clip: AudioClip) -> FinishedClip:
    """Turn a take or recording into the clip a job asks for."""
    dither_seed = seed_of_hash(job.clip_key, bits=32)
    sound = marked(clip, job.labels, job.metadata)
    finished = finish_clip(sound, job.post, job.metadata, dither_seed=dither_seed)
    return labelled(finished, job.labels, job.metadata, was_marked=sound is not clip)


def _opened(setup: FinisherSetup) -> Judge:
    try:
        return judge_named(setup.judge, root=setup.root)
    except (ImportError, AttributeError) as error:
        message = f'the judge "{setup.judge}" does not load: {error}'
        raise EnvironmentFault(message, remedy="name it as module:class") from error


def _require_made(accepted: Accepted, attempts: Sequence[Rendered]) -> None:
    # A judge may come from anywhere; what it chose is held to what it was given.
    is_there = any(accepted.chosen is attempt for attempt in attempts)
    if accepted.chosen.clip is None or not is_there:
        raise QcRefused("the judge accepted none of the sounds that were made")


def _pace_to_try(job: ClipJob, answer: Rendered, attempts: Sequence[Rendered]) -> float | None:
    """Say at which pace the answer's seed is to be tried once more; None: it is not."""
    assert answer.clip is not None, "held to it before"
    if job.slot is None or answer is not attempts[-1]:
        return None
    request = answer.request
    paces = [one.request.pace for one in attempts if one.request.seed == request.seed]
    if len(paces) > MOST_CORRECTIONS:
        return None
    pace = better_pace(answer.clip, job.slot, request.pace)
    return None if pace in paces else pace


def _fitted(job: ClipJob, answer: Rendered, *, findings: tuple[Finding, ...] = ()) -> Chosen:
    assert answer.clip is not None, "it could be a take"
    if job.slot is None:
        return Chosen(attempt=answer, clip=answer.clip, findings=findings)
    made = fitted(answer.clip, answer.alignment, job.slot)
    attempt = replace(answer, clip=made.clip, alignment=made.alignment)
    return Chosen(attempt=attempt, clip=made.clip, findings=findings, pace=answer.request.pace)
