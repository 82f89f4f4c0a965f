"""From a take or a recording to a stored clip: everything about a job that needs no engine.

A take is stored the moment it exists, and only then finished.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from voicepipe.audio.encode import encode_wav
from voicepipe.audio.post_settings import FLOAT_BITS
from voicepipe.audio.postprocess import finish_clip
from voicepipe.audio.wav import decode_clip
from voicepipe.bank.annotations import annotation_key
from voicepipe.bank.clip_facts import ClipMeasurements, fields_of
from voicepipe.bank.records import AnnotationRecord, ClipRecord, TakeRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.clock import utc_now
from voicepipe.errors import CorruptObject, EnvironmentFault, QcRefused, VoicepipeError
from voicepipe.hashing import sha256_of_bytes
from voicepipe.qc.judge import DEFAULT_JUDGE, Accepted, AnotherAttempt, Finding, judge_named
from voicepipe.synthesis.alignment import ALIGNMENT, ALIGNMENT_REVISION
from voicepipe.workers.jobs import Outcome
from voicepipe.workers.recording import read_recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from voicepipe.audio.clip import AudioClip
    from voicepipe.engines.protocol import Rendered
    from voicepipe.qc.judge import Judge
    from voicepipe.workers.jobs import ClipJob

POST, STORE, JUDGE = "post", "store", "judge"
"""Stages, as `Outcome.seconds` calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinisherSetup:
    """What a finisher is made with, in whichever process."""

    out: Path
    """The output folder."""
    judge: str = DEFAULT_JUDGE
    """`module:class` of the judge that decides which sounds become takes."""
    root: Path | None = None
    """The project, for judges with models of their own; None: the current folder."""


class Finisher:
    """Finishes clips into one output folder; its judge is made when there is something to judge."""

    def __init__(self, setup: FinisherSetup) -> None:
        self.setup = setup
        self._take_store = TakeStore(setup.out)
        self._judge: Judge | None = None

    def needs_engine(self, job: ClipJob) -> bool:
        """Tell whether a job's take is still to be rendered."""
        if job.request is None or self._take_store.find_clip(job.clip_key) is not None:
            return False
        return self._take_store.find_take(job.take_key) is None

    def without_engine(self, number: int, job: ClipJob) -> Outcome | None:
        """Make a clip from what is stored or recorded.

        Returns:
            None: the stored take was damaged and has been set aside; it is to be rendered.
        """
        clock = _Clock()
        try:
            present = self._take_store.find_clip(job.clip_key)
            if present is not None:
                return Outcome(number=number, audio_s=present.duration_s)
            with clock.timing(STORE):
                take_key, voice, clip = self._present(job)
            return self._finished(number, job, clip, clock, take_key=take_key, voice=voice)
        except CorruptObject:
            return None
        except Exception as error:  # noqa: BLE001 -- a line's trouble is that line's outcome
            return failed(number, error)

    def keep(
        self, number: int, job: ClipJob, attempts: Sequence[Rendered], *, n_left: int
    ) -> Outcome | None:
        """Judge what was made for a line; store the chosen take, then finish and store its clip.

        Args:
            number: The job's.
            job: What was to be made.
            attempts: What the engine gave, oldest first, each with the request and seed it is of.
            n_left: How many more attempts may be made.

        Returns:
            None: another attempt is to be made.
        """
        clock = _Clock()
        try:
            with clock.timing(JUDGE):
                accepted = self._accepted(attempts, n_left)
            if accepted is None:
                return None
            clip = _clip_of(accepted, attempts)
            with clock.timing(STORE):
                self._store_take(job, accepted, clip)
            return self._finished(
                number, job, clip, clock, take_key=job.take_key, voice="", was_rendered=True
            )
        except Exception as error:  # noqa: BLE001 -- a line's trouble is that line's outcome
            return failed(number, error, clock.seconds)

    def _present(self, job: ClipJob) -> tuple[str, str, AudioClip]:
        """Key, voice (empty: as cast) and sound of a take that exists or a recording."""
        if job.request is None:
            clip = read_recording(job.recording, job.recording_sha256, job.recording_name)
            return job.recording_sha256, "", clip
        record = self._take_store.find_take(job.take_key)
        if record is None:
            raise CorruptObject("the take has vanished")
        content = self._take_store.objects.read(record.object_id)
        # A pinned take may be of a time when the line was cast differently.
        return record.key, record.voice, decode_clip(content, f"take {record.key}")[0]

    def _accepted(self, attempts: Sequence[Rendered], n_left: int) -> Accepted | None:
        """Ask the judge; None: it wants another attempt, and there may be one."""
        if self._judge is None:
            self._judge = _opened(self.setup)
        verdict = self._judge.judge(attempts, n_left=n_left)
        if isinstance(verdict, Accepted):
            return verdict
        if isinstance(verdict, AnotherAttempt) and n_left > 0:
            return None
        raise verdict.error

    def _store_take(self, job: ClipJob, accepted: Accepted, clip: AudioClip) -> None:
        # What was found out goes first: a take that is there is never judged again.
        for finding in _findings(accepted, clip):
            self._annotate(job, finding)
        spoken = accepted.chosen.request
        object_id = self._take_store.objects.put(encode_wav(clip, bit_depth=FLOAT_BITS))
        self._take_store.takes.put(
            TakeRecord(
                key=job.take_key,
                object_id=object_id,
                voice=job.voice,
                language=job.language,
                line=job.line_id,
                engine=spoken.engine,
                source=job.source,
                seed=spoken.seed,
                sample_rate=clip.sample_rate,
                duration_s=clip.duration_s,
                models=dict(job.models),
                consent=job.metadata.consent,
                inputs=spoken.identity().fingerprints,
                created=utc_now(),
            )
        )

    def _annotate(self, job: ClipJob, finding: Finding) -> None:
        key = annotation_key(job.take_key, finding.analyser, finding.revision)
        record = AnnotationRecord(
            key=key,
            subject=job.take_key,
            analyser=finding.analyser,
            revision=finding.revision,
            voice=job.voice,
            object_id=sha256_of_bytes(finding.content),
            object_suffix=finding.suffix,
            created=utc_now(),
        )
        self._take_store.annotate(record, finding.content)

    def _finished(
        self,
        number: int,
        job: ClipJob,
        clip: AudioClip,
        clock: _Clock,
        *,
        take_key: str,
        voice: str,
        was_rendered: bool = False,
    ) -> Outcome:
        dither_seed = int(job.clip_key[:8], 16)
        with clock.timing(POST):
            finished = finish_clip(clip, job.post, job.metadata, dither_seed=dither_seed)
        with clock.timing(STORE):
            self._take_store.clips.put(
                ClipRecord(
                    key=job.clip_key,
                    object_id=self._take_store.objects.put(finished.wav_bytes),
                    take_key=take_key,
                    voice=voice or job.voice,
                    source=job.source,
                    created=utc_now(),
                    **fields_of(finished, ClipMeasurements),
                )
            )
        return Outcome(
            number=number,
            audio_s=finished.duration_s,
            was_rendered=was_rendered,
            note=finished.note,
            seconds=clock.seconds,
        )


@dataclass(slots=True)
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            spent_s = time.perf_counter() - started
            self.seconds[stage] = self.seconds.get(stage, 0.0) + spent_s


def failed(number: int, error: Exception, seconds: Mapping[str, float] | None = None) -> Outcome:
    """Make the outcome of a job that went wrong; a fault of the machine is said as such."""
    seconds = dict(seconds or {})
    if isinstance(error, EnvironmentFault):
        return Outcome(number=number, fault=error.message, remedy=error.remedy, seconds=seconds)
    if isinstance(error, VoicepipeError):
        reason = f"{error.message}; {error.remedy}" if error.remedy else error.message
    else:
        reason = f"{type(error).__name__}: {error}"
    return Outcome(number=number, failure=reason, seconds=seconds)


def _opened(setup: FinisherSetup) -> Judge:
    try:
        return judge_named(setup.judge, root=setup.root)
    except (ImportError, AttributeError) as error:
        message = f'the judge "{setup.judge}" does not load: {error}'
        raise EnvironmentFault(message, remedy="name it as module:class") from error


def _clip_of(accepted: Accepted, attempts: Sequence[Rendered]) -> AudioClip:
    # A judge may come from anywhere; what it chose is held to what it was given.
    clip = accepted.chosen.clip
    if clip is None or not any(accepted.chosen is attempt for attempt in attempts):
        raise QcRefused("the judge accepted none of the sounds that were made")
    return clip


def _findings(accepted: Accepted, clip: AudioClip) -> list[Finding]:
    findings = list(accepted.findings)
    alignment = accepted.chosen.alignment
    if alignment is not None:
        content = alignment.content(clip.duration_s)
        findings.append(Finding(analyser=ALIGNMENT, revision=ALIGNMENT_REVISION, content=content))
    return findings
