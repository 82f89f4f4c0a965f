"""Lines whose clips fail are made again; the best is kept, and what was heard is kept with it."""

from __future__ import annotations

from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

import pytest
import toy_analysers
from job_builders import ENGINES, job, recording_job

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.wav import decode_clip
from voicepipe.bank.take_store import TakeStore
from voicepipe.qc.analyser import LineFacts, VoiceFacts
from voicepipe.qc.examining import ExaminerSetup, Expectation
from voicepipe.qc.findings import Reason
from voicepipe.qc.stored_findings import ENGINE_SCORES, StoredFindings
from voicepipe.qc.verdicts import Standard, Verdict
from voicepipe.synthesis.request import seed_of_attempt
from voicepipe.workers.events import ClipDone
from voicepipe.workers.jobs import Orders, Outcome
from voicepipe.workers.pool import run_jobs
from voicepipe.workers.worker import close_engines, serve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.workers.backend import Report
    from voicepipe.workers.jobs import ClipJob, Numbered

SETUP = ExaminerSetup(analysers=("signal", "intelligibility"), paths=toy_analysers.PATHS)
NEVER_GOOD, ALWAYS_GOOD = 0.0, 100_000.0


@pytest.fixture(autouse=True)
def _closed_engines() -> Iterator[None]:
    yield
    close_engines()


def held_to(
    one: ClipJob, limit_hz: float, *, retakes: int = 3, analysers: tuple[str, ...] = ("signal",)
) -> ClipJob:
    facts = LineFacts(
        line=one.line_id, language="en", text="Hello.", said=None, voice=VoiceFacts(id="ada")
    )
    standard = Standard(analysers=analysers, limits={Reason.GAP: limit_hz})
    return replace(
        one,
        expected=Expectation(
            line=facts, standard=standard, retakes=retakes, retake_above=float("inf")
        ),
    )


def work(out: Path, *jobs: ClipJob, finishers: int = 0, attempts: int = 2) -> list[Outcome]:
    orders = Orders(
        out=out,
        engines=ENGINES,
        device="cpu",
        examiner=SETUP,
        finishers=finishers,
        attempts=attempts,
    )
    inbox: SimpleQueue[tuple[Numbered, ...] | None] = SimpleQueue()
    inbox.put(tuple(enumerate(jobs)))
    outcomes: dict[int, Outcome] = {}

    def tell(report: Report | Outcome) -> None:
        if isinstance(report, Outcome):
            outcomes[report.number] = report
            if len(outcomes) == len(jobs):
                inbox.put(None)

    serve(orders, inbox, tell)
    return [outcomes[number] for number in range(len(jobs))]


def seed_kept(out: Path, one: ClipJob) -> int:
    take = TakeStore(out).find_take(one.take_key)
    assert take is not None
    return take.seed


def seeds_of(one: ClipJob, n: int) -> list[int]:
    assert one.request is not None
    return [seed_of_attempt(one.request.seed, attempt + 1) for attempt in range(n)]


def pitches(seeds: list[int]) -> list[int]:
    """Of the trouble engine's tones, in an order that is theirs."""
    return [seed % 1000 for seed in seeds]


@pytest.mark.parametrize("finishers", [0, 1], ids=["here", "beside"])
def test_a_failing_line_is_retaken_and_the_best_of_all_is_kept(
    tmp_path: Path, finishers: int
) -> None:
    jobs = [held_to(job("hello", n, seed=600 + n), NEVER_GOOD) for n in range(1, 9)]
    outcomes = work(tmp_path, *jobs, finishers=finishers)
    kept = set()
    for one, outcome in zip(jobs, outcomes, strict=True):
        assert (outcome.failure, outcome.retakes) == ("", 3)
        assert outcome.verdict is not None
        assert outcome.verdict.verdict is Verdict.FAILED
        seeds = seeds_of(one, 4)
        best = min(range(4), key=lambda n, seeds=seeds: pitches(seeds)[n])  # type: ignore[misc]
        assert seed_kept(tmp_path, one) == seeds[best]
        kept.add(best)
        error = outcome.verdict.scores["word_error"]
        assert outcome.first_error is not None
        assert (outcome.first_error == error) if best == 0 else (outcome.first_error > error)
    assert len(kept) > 1  # not merely the first or the last each time


def test_a_line_that_passes_is_made_once(tmp_path: Path) -> None:
    one = held_to(job("hello", seed=41), ALWAYS_GOOD)
    (outcome,) = work(tmp_path, one)
    assert outcome.verdict is not None
    assert (outcome.retakes, outcome.verdict.verdict) == (0, Verdict.PASSED)
    assert outcome.first_error is None
    assert seed_kept(tmp_path, one) == 41


def test_retakes_end_with_the_first_that_passes(tmp_path: Path) -> None:
    plain = job("hello", seed=941)
    heights = pitches(seeds_of(plain, 4))
    assert min(heights[1:]) < heights[0] - 20
    limit = 16_000 / 6.2832 * (0.05 + (heights[0] - 10) / 20_000)  # less than the first
    one = held_to(plain, limit)
    (outcome,) = work(tmp_path, one)
    passing = next(n for n in range(1, 4) if heights[n] < heights[0] - 10)
    assert outcome.retakes == passing
    assert outcome.verdict is not None
    assert outcome.verdict.verdict is Verdict.PASSED
    assert seed_kept(tmp_path, one) == seeds_of(plain, 4)[passing]


def test_a_line_that_passes_with_much_of_it_misheard_is_made_again(tmp_path: Path) -> None:
    one = held_to(job("hello", seed=941), ALWAYS_GOOD)
    assert one.expected is not None
    one = replace(one, expected=replace(one.expected, retake_above=0.5))
    (outcome,) = work(tmp_path, one)
    assert outcome.verdict is not None
    assert (outcome.verdict.verdict, outcome.retakes) == (Verdict.PASSED, 3)
    heights = pitches(seeds_of(one, 4))  # what the toy calls an error is its pitch
    assert seed_kept(tmp_path, one) == seeds_of(one, 4)[heights.index(min(heights))]


def test_the_sound_that_is_kept_is_the_one_that_was_heard(tmp_path: Path) -> None:
    one = held_to(job("hello", seed=42), NEVER_GOOD)
    (outcome,) = work(tmp_path, one)
    store = TakeStore(tmp_path)
    clip = store.find_clip(one.clip_key)
    assert clip is not None
    sound = decode_clip(store.objects.read(clip.object_id), "clip")[0]
    assert outcome.verdict is not None
    heard = outcome.verdict.scores["word_error"]
    assert heard == pytest.approx(toy_analysers.pitch_hz(sound))
    found = StoredFindings(store, one.clip_key).find("signal", "1-000000000000")
    assert found is not None
    assert found.scores["word_error"] == pytest.approx(heard, abs=1e-4)


def test_retakes_of_one_line_change_no_other(tmp_path: Path) -> None:
    good = [held_to(job("hello", n, seed=60 + n), ALWAYS_GOOD) for n in (1, 2)]
    bad = held_to(job("hello", 3, seed=63), NEVER_GOOD)
    work(tmp_path / "mixed", good[0], bad, good[1])
    work(tmp_path / "plain", *good)
    work(tmp_path / "alone", bad)

    def sounds(out: Path, *jobs: ClipJob) -> list[str]:
        records = [TakeStore(out).find_take(one.take_key) for one in jobs]
        return [record.object_id for record in records if record is not None]

    assert sounds(tmp_path / "mixed", *good) == sounds(tmp_path / "plain", *good)
    assert sounds(tmp_path / "mixed", bad) == sounds(tmp_path / "alone", bad)


def test_a_retake_that_comes_to_nothing_costs_no_line(tmp_path: Path) -> None:
    one = held_to(job("by-chance 44", seed=44), NEVER_GOOD)
    (outcome,) = work(tmp_path, one, attempts=2)
    assert (outcome.failure, outcome.retakes) == ("", 0)
    assert seed_kept(tmp_path, one) == 44


def test_who_is_missing_keeps_a_clip_from_passing_and_from_being_retaken(tmp_path: Path) -> None:
    one = held_to(job("hello", seed=41), ALWAYS_GOOD, analysers=("signal", "intelligibility"))
    (outcome,) = work(tmp_path, one)
    assert outcome.verdict is not None
    assert (outcome.verdict.verdict, outcome.retakes) == (Verdict.NOT_JUDGED, 0)
    assert outcome.verdict.judged == {"signal": "passed"}


def test_a_clip_is_listened_to_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = tmp_path / "counted"
    monkeypatch.setenv(toy_analysers.COUNTED, str(counted))
    one = held_to(job("hello", seed=41), NEVER_GOOD, retakes=1)
    work(tmp_path / "out", one)
    assert counted.read_text() == "xx"
    TakeStore(tmp_path / "out").clips.remove(one.clip_key)  # finished again from its take
    (outcome,) = work(tmp_path / "out", one)
    assert counted.read_text() == "xx"
    assert outcome.verdict is not None
    assert (outcome.verdict.verdict, outcome.retakes) == (Verdict.FAILED, 1)  # of its take
    assert outcome.first_error is not None


def test_recordings_are_listened_to_and_never_retaken(tmp_path: Path) -> None:
    one = job("hello", seed=41)
    work(tmp_path / "out", one)
    take = TakeStore(tmp_path / "out").find_take(one.take_key)
    assert take is not None
    sound = decode_clip(TakeStore(tmp_path / "out").objects.read(take.object_id), "take")[0]
    path = tmp_path / "line.wav"
    path.write_bytes(encode_wav(AudioClip(samples=sound.samples, sample_rate=16_000), bit_depth=24))
    recorded = held_to(recording_job(path), NEVER_GOOD)
    (outcome,) = work(tmp_path / "out", recorded)
    assert outcome.verdict is not None
    assert (outcome.verdict.verdict, outcome.retakes) == (Verdict.FAILED, 0)


def test_what_an_engine_measured_is_kept_with_the_take(tmp_path: Path) -> None:
    one = job("scored", seed=41)
    work(tmp_path, one)
    found = StoredFindings(TakeStore(tmp_path), one.take_key).find(ENGINE_SCORES, "1-29")
    assert found is not None
    assert found.scores == {"phonemes": -0.25}


def test_a_run_passes_its_examiner_on_and_says_what_was_heard(tmp_path: Path) -> None:
    jobs = [held_to(job("hello", n), NEVER_GOOD, retakes=1) for n in (1, 2)]
    told = [*run_jobs(jobs, out=tmp_path, engines=ENGINES, examiner=SETUP)]
    done = [event for event in told if isinstance(event, ClipDone)]
    assert [event.retakes for event in done] == [1, 1]
    assert all(event.verdict and event.verdict.reasons == ("gap",) for event in done)
    assert {event.script for event in done} == {one.script for one in jobs}
