"""Between an engine's answer and the store: accepted, made again, chosen among, refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
import toy_judges
from job_builders import ENGINES, job
from served_jobs import served

from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import CorruptObject
from voicepipe.qc.judge import DEFAULT_JUDGE
from voicepipe.synthesis.alignment import (
    ALIGNMENT,
    ALIGNMENT_REVISION,
    Alignment,
    PhonemeTime,
    parse_alignment,
)
from voicepipe.synthesis.request import seed_of_attempt
from voicepipe.workers.events import ClipDone, LineFailed
from voicepipe.workers.jobs import Orders, Outcome
from voicepipe.workers.pool import run_jobs
from voicepipe.workers.worker import close_engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.bank.records import TakeRecord
    from voicepipe.workers.jobs import ClipJob

FINISHERS = pytest.mark.parametrize("finishers", [0, 1], ids=["here", "beside"])
"""A judge sits where clips are finished: in the worker, or in a process beside it."""


@pytest.fixture(autouse=True)
def _closed_engines() -> Iterator[None]:
    yield
    close_engines()


def work(
    out: Path, judge: str, *jobs: ClipJob, finishers: int = 0, attempts: int = 3
) -> dict[int, Outcome]:
    path = judge if ":" in judge else f"toy_judges:{judge}"
    orders = Orders(
        out=out,
        engines=ENGINES,
        device="cuda:0" if finishers else "cpu",
        judge=path,
        finishers=finishers,
        attempts=attempts,
    )
    return served(orders, *jobs)


def take_of(out: Path, one: ClipJob) -> TakeRecord:
    take = TakeStore(out).find_take(one.take_key)
    assert take is not None
    return take


def seeds_noted(out: Path, one: ClipJob) -> list[int]:
    found = TakeStore(out).find_annotation(one.take_key, toy_judges.ANALYSER, toy_judges.REVISION)
    assert found is not None
    assert (found.record.subject, found.record.voice) == (one.take_key, one.voice)
    seeds: list[int] = orjson.loads(found.content)["seeds"]
    return seeds


@FINISHERS
def test_an_accepted_sound_is_stored_with_what_was_found_out(
    tmp_path: Path, finishers: int
) -> None:
    jobs = [job("hello", number) for number in range(1, 5)]
    outcomes = work(tmp_path, "Content", *jobs, finishers=finishers)
    assert all(outcome.was_rendered and not outcome.failure for outcome in outcomes.values())
    assert [seeds_noted(tmp_path, one) for one in jobs] == [[1], [2], [3], [4]]


@FINISHERS
def test_a_judge_has_a_line_made_again_with_the_next_seeds(tmp_path: Path, finishers: int) -> None:
    one, other = job("hello", 1, seed=5), job("hello", 2, seed=9)
    outcomes = work(tmp_path, "AcceptsTheThird", one, other, finishers=finishers)
    assert [outcomes[n].failure for n in (0, 1)] == ["", ""]
    assert seeds_noted(tmp_path, one) == [seed_of_attempt(5, n) for n in (1, 2, 3)]
    assert take_of(tmp_path, one).seed == seed_of_attempt(5, 3)
    assert take_of(tmp_path, other).seed == seed_of_attempt(9, 3)


@FINISHERS
def test_a_judge_chooses_the_best_of_three(tmp_path: Path, finishers: int) -> None:
    jobs = [job("hello", number, seed=100 + number) for number in range(1, 7)]
    work(tmp_path, "BestOfAll", *jobs, finishers=finishers)
    best_attempts = set()
    for one in jobs:
        assert one.request is not None
        seeds = [seed_of_attempt(one.request.seed, n) for n in (1, 2, 3)]
        assert seeds_noted(tmp_path, one) == seeds
        assert take_of(tmp_path, one).seed == max(seeds)
        best_attempts.add(seeds.index(max(seeds)))
    assert len(best_attempts) > 1  # not merely the latest each time


def test_the_stored_sound_is_the_chosen_one(tmp_path: Path) -> None:
    seed = next(s for s in range(100) if seed_of_attempt(s, 2) > seed_of_attempt(s, 3))
    one = job("hello", seed=seed or 1)
    work(tmp_path / "best", "BestOfAll", one)
    plain = job("hello", 2, seed=seed_of_attempt(seed, 2))
    work(tmp_path / "plain", "Content", plain)
    chosen, alone = take_of(tmp_path / "best", one), take_of(tmp_path / "plain", plain)
    assert chosen.object_id == alone.object_id


@FINISHERS
def test_a_line_the_judge_refuses_fails_by_name_and_stores_nothing(
    tmp_path: Path, finishers: int
) -> None:
    one = job("hello", 7)
    outcome = work(tmp_path, "RefusesAll", one, finishers=finishers)[0]
    assert outcome.failure == "line_0007 sounds like a kettle; record it"
    assert not outcome.was_rendered
    assert TakeStore(tmp_path).find_take(one.take_key) is None
    assert TakeStore(tmp_path).find_clip(one.clip_key) is None


def test_a_line_that_runs_out_of_attempts_fails_with_the_last_verdict(tmp_path: Path) -> None:
    outcome = work(tmp_path, "AcceptsTheThird", job("hello"), attempts=2)[0]
    assert outcome.failure == "attempt 2 is not the third"


def test_an_engines_own_refusal_comes_before_the_judge(tmp_path: Path) -> None:
    second = seed_of_attempt(5, 2)
    one = job(f"by-chance {second}", seed=5)
    assert work(tmp_path, DEFAULT_JUDGE, one)[0].failure == ""
    assert take_of(tmp_path, one).seed == second


def test_a_sound_that_was_never_made_is_not_stored(tmp_path: Path) -> None:
    outcome = work(tmp_path, "AcceptsWhatWasNotMade", job("hello"))[0]
    assert "accepted none of the sounds" in outcome.failure


@pytest.mark.parametrize("judge", ["no_such_module:Judge", "toy_judges:Nobody"])
def test_a_judge_that_does_not_load_is_the_machines_fault(tmp_path: Path, judge: str) -> None:
    outcome = work(tmp_path, judge, job("hello"))[0]
    assert f'the judge "{judge}" does not load' in outcome.fault


def test_a_stored_take_is_not_judged_again(tmp_path: Path) -> None:
    one = job("hello")
    work(tmp_path, "Content", one)
    TakeStore(tmp_path).clips.remove(one.clip_key)
    outcome = work(tmp_path, "RefusesAll", one)[0]
    assert (outcome.failure, outcome.was_rendered) == ("", False)


def test_a_run_passes_its_judge_on_to_its_workers(tmp_path: Path) -> None:
    jobs = [job("hello", number) for number in (1, 2)]
    told = run_jobs(jobs, out=tmp_path, engines=ENGINES, judge="toy_judges:RefusesAll")
    failed = [event for event in told if isinstance(event, LineFailed)]
    assert {event.line_id for event in failed} == {"line_0001", "line_0002"}
    accepted = run_jobs(
        jobs, out=tmp_path, engines=ENGINES, judge="toy_judges:AcceptsTheThird", attempts=3
    )
    assert all(isinstance(event, ClipDone) for event in accepted)


def test_when_each_phoneme_sounds_is_stored_with_the_take(tmp_path: Path) -> None:
    one = job("aligned", 3)
    work(tmp_path, DEFAULT_JUDGE, one)
    found = TakeStore(tmp_path).find_annotation(one.take_key, ALIGNMENT, ALIGNMENT_REVISION)
    assert found is not None
    alignment = parse_alignment(found.content)
    assert [one.phoneme for one in alignment.phonemes] == ["HH", "AH0"]
    assert alignment.phonemes[1] == PhonemeTime(phoneme="AH0", start_s=0.2, end_s=0.5)


def test_an_alignment_longer_than_its_sound_fails_the_line(tmp_path: Path) -> None:
    outcome = work(tmp_path, DEFAULT_JUDGE, job("aligned 2.5", 3))[0]
    assert 'phoneme 1 "AH0" from 0.2 to 2.5 s does not lie between' in outcome.failure


def test_a_damaged_alignment_says_where() -> None:
    times = (PhonemeTime(phoneme="a", start_s=0.0, end_s=0.1),)
    content = Alignment(phonemes=times).content(1.0)
    with pytest.raises(CorruptObject, match=r"phonemes\[0\].end_s"):
        parse_alignment(content.replace(b"0.1", b'"x"'))
    with pytest.raises(CorruptObject, match="not JSON"):
        parse_alignment(content[:-3])
