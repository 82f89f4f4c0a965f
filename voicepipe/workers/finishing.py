"""From a take or a recording to a stored clip: everything about a job that needs no engine.

A take is stored the moment it exists, and only then finished.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicepipe.audio.encode import encode_wav
from voicepipe.audio.post_settings import FLOAT_BITS
from voicepipe.audio.wav import decode_clip
from voicepipe.bank.annotations import annotation_key
from voicepipe.bank.clip_facts import ClipMeasurements, ClipRetakes, fields_of
from voicepipe.bank.records import AnnotationRecord, ClipRecord, TakeRecord
from voicepipe.bank.take_store import TakeStore
from voicepipe.clock import utc_now
from voicepipe.errors import (
    CorruptObject,
    EnvironmentFault,
    VoicepipeError,
)
from voicepipe.hashing import sha256_of_bytes
from voicepipe.qc.findings import Findings, findings_json
from voicepipe.qc.judge import Finding
from voicepipe.qc.stored_findings import ENGINE_SCORES, StoredFindings
from voicepipe.qc.verdicts import judge_findings
from voicepipe.synthesis.alignment import ALIGNMENT, ALIGNMENT_REVISION
from voicepipe.synthesis.slot import told_misfit
from voicepipe.workers.choosing import Chooser, finish
from voicepipe.workers.jobs import MakeAgain, Outcome
from voicepipe.workers.recording import read_recording
from voicepipe.workers.stage_clock import POST, STORE, StageClock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.audio.postprocess import FinishedClip
    from voicepipe.engines.protocol import Rendered
    from voicepipe.qc.retakes import Tried
    from voicepipe.qc.verdicts import ClipVerdict, Examined
    from voicepipe.workers.choosing import Chosen, FinisherSetup
    from voicepipe.workers.jobs import ClipJob

ENGINE_REVISION: Final = "1"
"""Of the form in which an engine's own scores are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """What a clip is made from: a take, or a recording."""

    take_key: str
    voice: str
    retakes: int = 0
    first_error: float | None = None
    pace: float = 1.0


class Finisher:
    """Finishes clips into one output folder; judge and examiner are made when there is a sound."""

    def __init__(self, setup: FinisherSetup) -> None:
        self.setup = setup
        self._take_store = TakeStore(setup.out)
        self._chooser = Chooser(setup)

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
        clock = StageClock()
        try:
            present = self._take_store.find_clip(job.clip_key)
            if present is not None:
                return self._listened_again(number, job, present, clock)
            with clock.timing(STORE):
                source, clip = self._present(job)
            return self._finished(number, job, clip, clock, source)
        except CorruptObject:
            return None
        except Exception as error:  # noqa: BLE001 -- a line's trouble is that line's outcome
            return failed(number, error)

    def keep(
        self,
        number: int,
        job: ClipJob,
        attempts: Sequence[Rendered],
        *,
        n_left: int,
        tried: tuple[Tried, ...] = (),
    ) -> Outcome | MakeAgain:
        """Judge what was made for a line; store the chosen take, then finish and store its clip.

        Args:
            number: The job's.
            job: What was to be made.
            attempts: What the engine gave, oldest first, each with the request and seed it is of.
            n_left: How many more attempts may be made where the latest is no take.
            tried: What was found out about those that could be takes, from the last answer.

        Returns:
            What became of the line; or another attempt is to be made.
        """
        clock = StageClock()
        try:
            chosen = self._chooser.chosen(job, attempts, n_left, tried, clock)
            if isinstance(chosen, MakeAgain):
                return chosen
            with clock.timing(STORE):
                self._store_take(job, chosen)
            source = _Source(
                take_key=job.take_key, voice=job.voice, **fields_of(chosen, ClipRetakes)
            )
            return self._finished(number, job, chosen.clip, clock, source, chosen)
        except Exception as error:  # noqa: BLE001 -- a line's trouble is that line's outcome
            return failed(number, error, clock.seconds)

    def _present(self, job: ClipJob) -> tuple[_Source, AudioClip]:
        """A take that exists, or a recording, and its sound."""
        if job.request is None:
            clip = read_recording(job.recording, job.recording_sha256, job.recording_name)
            return _Source(take_key=job.recording_sha256, voice=job.voice), clip
        record = self._take_store.find_take(job.take_key)
        if record is None:
            raise CorruptObject("the take has vanished")
        content = self._take_store.objects.read(record.object_id)
        # A pinned take may be of a time when the line was cast differently.
        source = _Source(take_key=record.key, voice=record.voice, **fields_of(record, ClipRetakes))
        return source, decode_clip(content, f"take {record.key}")[0]

    def _listened_again(
        self, number: int, job: ClipJob, present: ClipRecord, clock: StageClock
    ) -> Outcome:
        """Find out what is not known yet about a clip that is stored."""
        kept = StoredFindings(self._take_store, job.clip_key)

        def sound() -> AudioClip:
            content = self._take_store.objects.read(present.object_id)
            return decode_clip(content, job.line_id)[0]

        examined = self._chooser.examined(job, sound, kept, clock)
        kept.keep(examined, voice=present.voice)
        return Outcome(
            number=number,
            audio_s=present.duration_s,
            verdict=_verdict(job, examined),
            **fields_of(present, ClipRetakes),
            seconds=clock.seconds,
        )

    def _store_take(self, job: ClipJob, chosen: Chosen) -> None:
        # What was found out goes first: a take that is there is never judged again.
        for finding in _findings(chosen):
            self._annotate(job, finding)
        spoken, clip = chosen.attempt.request, chosen.clip
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
                **fields_of(chosen, ClipRetakes),
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
        clock: StageClock,
        source: _Source,
        made: Chosen | None = None,
    ) -> Outcome:
        finished = None if made is None else made.finished
        if finished is None:
            with clock.timing(POST):
                finished = finish(job, clip)
        kept = StoredFindings(self._take_store, job.clip_key)
        if made is not None and made.tried is not None:
            examined = made.tried.examined
        else:
            wav_bytes = finished.wav_bytes
            examined = self._chooser.examined(
                job, lambda: decode_clip(wav_bytes, job.line_id)[0], kept, clock
            )
        with clock.timing(STORE):
            # What was found out goes first: whoever pushes a clip pushes that with it.
            kept.keep(examined, voice=source.voice)
            self._take_store.clips.put(
                ClipRecord(
                    key=job.clip_key,
                    object_id=self._take_store.objects.put(finished.wav_bytes),
                    take_key=source.take_key,
                    voice=source.voice,
                    source=job.source,
                    created=utc_now(),
                    **fields_of(source, ClipRetakes),
                    **fields_of(finished, ClipMeasurements),
                )
            )
        return Outcome(
            number=number,
            audio_s=finished.duration_s,
            was_rendered=made is not None,
            note="; ".join(filter(None, (finished.note, _misfit(job, finished, source.pace)))),
            verdict=_verdict(job, examined),
            **fields_of(source, ClipRetakes),
            seconds=clock.seconds,
        )


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


def _findings(chosen: Chosen) -> list[Finding]:
    findings = list(chosen.findings)
    alignment, seed = chosen.attempt.alignment, chosen.attempt.request.seed
    if alignment is not None:
        content = alignment.content(chosen.clip.duration_s)
        findings.append(Finding(analyser=ALIGNMENT, revision=ALIGNMENT_REVISION, content=content))
    if chosen.attempt.scores:
        content = findings_json(Findings(scores=chosen.attempt.scores))
        # A key keeps its first finding, and its take may be made again from another seed.
        revision = f"{ENGINE_REVISION}-{seed:x}"
        findings.append(Finding(analyser=ENGINE_SCORES, revision=revision, content=content))
    return findings


def _misfit(job: ClipJob, finished: FinishedClip, pace: float) -> str:
    if job.slot is None:
        return ""
    text, language = job.metadata.text, job.language
    return told_misfit(text, language, speech_s=finished.speech_s, slot=job.slot, pace=pace)


def _verdict(job: ClipJob, examined: Sequence[Examined]) -> ClipVerdict | None:
    if job.expected is None:
        return None
    return judge_findings(job.expected.standard, examined)
