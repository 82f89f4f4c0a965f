"""What runs inside a worker process: a batch of jobs in, one outcome a job out.

A take is stored the moment it exists. Nothing that goes wrong with one line stops the others;
what goes wrong with the machine is said as such, so that nobody grinds through ten thousand lines
on a full disk.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.encode import encode_wav
from voicepipe.audio.post_settings import FLOAT_BITS
from voicepipe.audio.postprocess import finish_clip
from voicepipe.audio.silence import find_speech
from voicepipe.audio.wav import decode_clip
from voicepipe.bank.records import ClipRecord, TakeRecord
from voicepipe.bank.vault import Vault
from voicepipe.engines.registry import engine_named
from voicepipe.errors import CorruptObject, EnvironmentFault, SynthesisError, VoicepipeError
from voicepipe.workers.jobs import Outcome
from voicepipe.workers.marks import Mark
from voicepipe.workers.recording import read_recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.engines.protocol import Rendered, Renderer
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.workers.batches import Numbered
    from voicepipe.workers.jobs import ClipJob, Orders

_OPEN: dict[tuple[str, str], Renderer] = {}
"""Engines of this process, by name and device: the one process-global there is."""


def make_clips(orders: Orders, batch: Sequence[Numbered]) -> tuple[Outcome, ...]:
    """Make a batch of clips and store them.

    Returns:
        One outcome a job, in the order they ended.
    """
    mark = Mark(orders.marks)
    try:
        return tuple(_Workbench(orders, mark).work(batch))
    finally:
        mark.close()


def seed_of_attempt(seed: int, attempt: int) -> int:
    """Derive the seed of a further try, so that a take key still means one sound.

    Args:
        seed: The request's.
        attempt: From 1, which is the request's own seed.
    """
    if attempt == 1:
        return seed
    digest = hashlib.sha256(f"{seed}/{attempt}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFF_FFFF


def close_engines() -> None:
    """Close every engine this process has opened."""
    while _OPEN:
        _OPEN.popitem()[1].close()


class _Workbench:
    def __init__(self, orders: Orders, mark: Mark) -> None:
        self._orders = orders
        self._mark = mark
        self._vault = Vault(orders.out)

    def work(self, batch: Sequence[Numbered]) -> Iterator[Outcome]:
        to_render: dict[str, list[Numbered]] = {}
        for number, job in batch:
            if job.request is not None and self._has_neither_clip_nor_take(job):
                to_render.setdefault(job.request.engine, []).append((number, job))
            else:
                self._mark.begin(number)
                yield self._ended(self._without_engine(number, job))
        for engine, jobs in to_render.items():
            yield from self._with_engine(engine, jobs)

    def _has_neither_clip_nor_take(self, job: ClipJob) -> bool:
        if self._vault.find_clip(job.clip_key) is not None:
            return False
        return self._vault.find_take(job.take_key) is None

    def _without_engine(self, number: int, job: ClipJob) -> Outcome:
        try:
            present = self._vault.find_clip(job.clip_key)
            if present is not None:
                return Outcome(number=number, audio_s=present.duration_s)
            if job.request is None:
                clip = read_recording(job.recording, job.recording_sha256, job.recording_name)
                return self._finished(number, job, clip, job.recording_sha256)
            record, clip = self._stored_take(job.take_key)
            return self._finished(number, job, clip, record.key, voice=record.voice)
        except CorruptObject:  # set aside by now: as good as never rendered
            assert job.request is not None
            return next(self._with_engine(job.request.engine, [(number, job)]))
        except Exception as error:  # noqa: BLE001 -- a line's trouble is that line's outcome
            return _failed(number, error)

    def _stored_take(self, take_key: str) -> tuple[TakeRecord, AudioClip]:
        record = self._vault.find_take(take_key)
        if record is None:
            raise CorruptObject("the take has vanished")
        content = self._vault.objects.read(record.object_id)
        return record, decode_clip(content, f"take {record.key}")[0]

    def _with_engine(self, engine: str, jobs: Sequence[Numbered]) -> Iterator[Outcome]:
        lost = [(n, job) for n, job in jobs if job.request and job.request.key() != job.take_key]
        for number, job in lost:  # another take must not stand in for a pinned one
            error = SynthesisError(f"the pinned take {job.take_key[:12]} is not stored")
            yield self._ended(_failed(number, error))
        jobs = [numbered for numbered in jobs if numbered not in lost]
        for attempt in range(1, max(1, self._orders.attempts) + 1):
            by_chance: list[Numbered] = []
            is_last = attempt >= self._orders.attempts
            for numbered, rendered in self._renderings(engine, jobs, attempt):
                if isinstance(rendered, Outcome):
                    yield self._ended(rendered)
                elif rendered.error is not None and rendered.is_retryable and not is_last:
                    by_chance.append(numbered)
                else:
                    yield self._ended(self._kept(*numbered, rendered))
            jobs = by_chance

    def _renderings(
        self, engine: str, jobs: Sequence[Numbered], attempt: int
    ) -> Iterator[tuple[Numbered, Rendered | Outcome]]:
        """Pair every job with what the engine made of it, or with an outcome when it broke."""
        waiting = {_name(job): (number, job) for number, job in jobs}
        if not waiting:
            return
        try:
            renderer = self._open(engine)
            for rendered in renderer.render(self._requests(list(waiting.values()), attempt)):
                request = rendered.request
                yield waiting.pop((request.line_id, request.language)), rendered
        except Exception as error:  # noqa: BLE001 -- a broken engine is its lines' outcome
            self._discard(engine)
            if len(waiting) > 1 and not isinstance(error, EnvironmentFault):
                for numbered in list(waiting.values()):
                    yield from self._renderings(engine, [numbered], attempt)
                return
            for number, job in waiting.values():
                yield (number, job), _failed(number, error)
            return
        for number, job in waiting.values():
            silence = SynthesisError(f'the engine "{engine}" gave no outcome for the line')
            yield (number, job), _failed(number, silence)

    def _requests(self, jobs: Iterable[Numbered], attempt: int) -> Iterator[SynthesisRequest]:
        for number, job in jobs:
            assert job.request is not None
            self._mark.begin(number)
            yield replace(job.request, seed=seed_of_attempt(job.request.seed, attempt))

    def _open(self, engine: str) -> Renderer:
        place = (engine, self._orders.device)
        if place not in _OPEN:
            try:
                made = engine_named(engine, self._orders.engines, root=self._orders.root)
                _OPEN[place] = made.open(place[1])
            except ImportError as error:
                message = f'the engine "{engine}" does not load: {error}'
                raise EnvironmentFault(message, remedy="install voicepipe again") from error
        return _OPEN[place]

    def _discard(self, engine: str) -> None:
        renderer = _OPEN.pop((engine, self._orders.device), None)
        if renderer is not None:
            renderer.close()

    def _kept(self, number: int, job: ClipJob, rendered: Rendered) -> Outcome:
        if rendered.clip is None:
            nothing = SynthesisError("the engine gave neither sound nor a reason")
            return _failed(number, rendered.error or nothing)
        try:
            self._store_take(job, rendered.request, rendered.clip)
            return self._finished(number, job, rendered.clip, job.take_key, was_rendered=True)
        except Exception as error:  # noqa: BLE001 -- a line's trouble is that line's outcome
            return _failed(number, error)

    def _store_take(self, job: ClipJob, spoken: SynthesisRequest, clip: AudioClip) -> None:
        _refuse_no_sound(clip)
        object_id = self._vault.objects.put(encode_wav(clip, bit_depth=FLOAT_BITS))
        self._vault.takes.put(
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
                created=_now(),
            )
        )

    def _finished(
        self,
        number: int,
        job: ClipJob,
        clip: AudioClip,
        take_key: str,
        *,
        voice: str = "",
        was_rendered: bool = False,
    ) -> Outcome:
        """Finish and store a clip; `voice` is who speaks a take that was cast differently then."""
        dither_seed = int(job.clip_key[:8], 16)
        finished = finish_clip(clip, job.post, job.metadata, dither_seed=dither_seed)
        self._vault.clips.put(
            ClipRecord(
                key=job.clip_key,
                object_id=self._vault.objects.put(finished.wav_bytes),
                take_key=take_key,
                voice=voice or job.voice,
                source=job.source,
                sample_rate=finished.sample_rate,
                bit_depth=finished.bit_depth,
                duration_s=finished.duration_s,
                loudness_lufs=finished.loudness_lufs,
                peak_dbtp=finished.peak_dbtp,
                created=_now(),
            )
        )
        return Outcome(
            number=number,
            audio_s=finished.duration_s,
            was_rendered=was_rendered,
            note=finished.note,
        )

    def _ended(self, outcome: Outcome) -> Outcome:
        self._mark.end(outcome)
        return outcome


def _name(job: ClipJob) -> tuple[str, str]:
    assert job.request is not None
    return job.request.line_id, job.request.language


def _refuse_no_sound(clip: AudioClip) -> None:
    # Before it is stored: a bad take under a good key would come back for ever.
    if not clip.n_samples or not bool(np.all(np.isfinite(clip.samples))):
        raise SynthesisError("the engine gave samples that are not sound (none, NaN or infinite)")
    if find_speech(clip) is None:
        raise SynthesisError("the engine gave silence")


def _failed(number: int, error: Exception) -> Outcome:
    if isinstance(error, EnvironmentFault):
        return Outcome(number=number, fault=error.message, remedy=error.remedy)
    if isinstance(error, VoicepipeError):
        reason = f"{error.message}; {error.remedy}" if error.remedy else error.message
    else:
        reason = f"{type(error).__name__}: {error}"
    return Outcome(number=number, failure=reason)


def _now() -> str:
    moment = datetime.datetime.now(tz=datetime.timezone.utc)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
