"""What one worker does with a batch, without processes around it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from job_builders import ENGINES, job, recording_job
from served_jobs import served

from voicepipe.audio.wav import decode_clip
from voicepipe.bank.take_store import TakeStore
from voicepipe.synthesis.request import seed_of_attempt
from voicepipe.workers.inflight_journal import InFlightJournal, collect_inflight
from voicepipe.workers.jobs import Orders, Outcome
from voicepipe.workers.recording import clipped_share
from voicepipe.workers.worker import close_engines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.workers.jobs import ClipJob


@pytest.fixture(autouse=True)
def _closed_engines() -> Iterator[None]:
    yield
    close_engines()


@pytest.fixture
def orders(tmp_path: Path) -> Orders:
    out = tmp_path / "out"
    return Orders(
        out=out, journals=out / "work/inflight/x", engines=ENGINES, device="cpu", attempts=3
    )


def work(orders: Orders, *jobs: ClipJob) -> dict[int, Outcome]:
    outcomes = served(orders, *jobs)
    assert orders.journals is not None
    assert list(orders.journals.iterdir()) == []
    return outcomes


def test_a_clip_and_its_take_are_stored_with_their_records(orders: Orders) -> None:
    one = job("hello")
    outcome = work(orders, one)[0]
    take_store = TakeStore(orders.out)
    clip = take_store.find_clip(one.clip_key)
    assert one.request is not None
    take = take_store.find_take(one.request.key())
    assert clip is not None
    assert take is not None
    assert outcome.was_rendered
    assert outcome.audio_s == clip.duration_s
    assert (clip.take_key, clip.sample_rate, clip.source) == (take.key, 48_000, "scratch")
    assert (take.sample_rate, take.duration_s, take.seed, take.line) == (
        16_000,
        0.5,
        1,
        "line_0001",
    )
    raw, facts = decode_clip(take_store.objects.read(take.object_id), "take")
    assert facts.encoding == "FLOAT"
    assert raw.n_samples == 8_000
    assert take.created.endswith("Z")


def test_a_stored_take_is_finished_again_without_its_engine(orders: Orders) -> None:
    one = job("hello")
    work(orders, one)
    first = TakeStore(orders.out).find_clip(one.clip_key)
    louder = replace(one, clip_key="a" * 64, post=replace(one.post, loudness_lufs=-16.0))
    nobody = replace(orders, engines={})
    assert not work(nobody, louder)[0].was_rendered
    second = TakeStore(orders.out).find_clip("a" * 64)
    assert first is not None
    assert second is not None
    assert second.loudness_lufs == pytest.approx(-16, abs=0.3)
    assert second.take_key == first.take_key


def test_the_same_key_gives_the_same_bytes_from_engine_or_store(
    orders: Orders, tmp_path: Path
) -> None:
    one = job("hello")
    work(orders, one)
    take_store = TakeStore(orders.out)
    rendered = take_store.find_clip(one.clip_key)
    take_store.clips.remove(one.clip_key)
    work(orders, one)
    other = tmp_path / "other"
    elsewhere = replace(orders, out=other, journals=other / "work/inflight/x")
    work(elsewhere, job("by the way", 2), one)
    found = [rendered, take_store.find_clip(one.clip_key)]
    found.append(TakeStore(other).find_clip(one.clip_key))
    assert len({record.object_id for record in found if record is not None}) == 1


def test_a_present_clip_costs_nothing(orders: Orders) -> None:
    one = job("hello")
    rendered = work(orders, one)[0]
    again = work(replace(orders, engines={}), one)[0]
    assert again == replace(rendered, was_rendered=False, seconds={})


def damage(take_store: TakeStore, key: str) -> str:
    take = take_store.find_take(key)
    assert take is not None
    path = take_store.objects.path(take.object_id)
    path.chmod(0o644)
    path.write_bytes(b"RIFF" + path.read_bytes()[4:-4])
    return take.object_id


def test_a_damaged_take_is_rendered_again(orders: Orders) -> None:
    one = job("hello")
    work(orders, one)
    take_store = TakeStore(orders.out)
    object_id = damage(take_store, one.take_key)
    take_store.clips.remove(one.clip_key)
    assert work(orders, one)[0].was_rendered
    assert take_store.objects.is_whole(object_id)


def test_a_damaged_pinned_take_is_never_replaced(orders: Orders) -> None:
    old, new = job("hello", 1), job("reworded", 1, seed=9)
    work(orders, old)
    damage(TakeStore(orders.out), old.take_key)
    outcome = work(orders, replace(new, take_key=old.take_key, clip_key="b" * 64))[0]
    assert "is not stored" in outcome.failure


def test_a_pinned_take_is_finished_and_never_rendered_in_its_place(orders: Orders) -> None:
    old, new = job("hello", 1), job("reworded", 1, seed=9)
    work(orders, old)
    pinned = replace(new, take_key=old.take_key, clip_key="b" * 64)
    assert not work(replace(orders, engines={}), pinned)[0].was_rendered
    found = TakeStore(orders.out).find_clip("b" * 64)
    assert found is not None
    assert found.take_key == old.take_key
    lost = replace(pinned, take_key="c" * 64, clip_key="d" * 64)
    outcomes = work(orders, lost, job("hello", 2))
    assert outcomes[0].failure == "the pinned take cccccccccccc is not stored"
    assert outcomes[1].failure == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("silence", "silent"),
        ("nan", "NaN"),
        ("error", "not today; tomorrow"),
        ("neither", "neither sound nor a reason"),
        ("forget", "no outcome"),
        ("raise", "ZeroDivisionError: a bug in the engine"),
    ],
)
def test_a_lines_trouble_is_that_lines_outcome(orders: Orders, text: str, reason: str) -> None:
    outcomes = work(orders, job("hello", 1), job(text, 2), job("hello", 3), job("hello", 4))
    assert reason in outcomes[1].failure
    assert [outcomes[n].failure for n in (0, 2, 3)] == ["", "", ""]
    bad = job(text, 2)
    assert bad.request is not None
    assert TakeStore(orders.out).find_take(bad.request.key()) is None
    assert TakeStore(orders.out).find_clip(bad.clip_key) is None


def test_an_unknown_engine_is_a_failure_with_what_there_is(orders: Orders) -> None:
    outcome = work(replace(orders, engines={"other": "x:Y"}), job("hello"))[0]
    assert 'no engine "trouble"' in outcome.failure
    assert "other" in outcome.failure


@pytest.mark.parametrize(
    ("text", "change", "words"),
    [
        ("fault", {}, "the disk is full"),
        ("hello", {"device": "no-such-device"}, "there is no such device"),
        ("hello", {"engines": {"trouble": "no_such_module:Engine"}}, "does not load: No module"),
    ],
)
def test_the_machines_trouble_is_said_as_such(
    orders: Orders, text: str, change: dict[str, Any], words: str
) -> None:
    outcomes = work(replace(orders, **change), job("hello"), job(text, 2))
    assert outcomes[1].failure == ""
    assert words in outcomes[1].fault
    assert outcomes[1].remedy


def test_bad_luck_is_tried_again_with_seeds_of_its_own(orders: Orders) -> None:
    third = seed_of_attempt(5, 3)
    lucky, unlucky = job(f"by-chance {third}", 1, seed=5), job("by-chance 0", 2, seed=5)
    outcomes = work(orders, lucky, job("hello", 3), unlucky)
    assert outcomes[0].failure == outcomes[1].failure == ""
    assert f"seed {third} has no luck" in outcomes[2].failure
    assert lucky.request is not None
    take = TakeStore(orders.out).find_take(lucky.request.key())
    assert take is not None
    assert take.seed == third
    assert seed_of_attempt(5, 1) == 5
    assert len({seed_of_attempt(5, n) for n in range(1, 50)}) == 49


def test_an_interrupted_line_is_tried_again_with_the_same_seed(
    orders: Orders, tmp_path: Path
) -> None:
    spoken = job(f"interrupted {tmp_path / 'times'}", seed=5)
    assert work(orders, spoken)[0].failure == ""
    assert spoken.request is not None
    take = TakeStore(orders.out).find_take(spoken.request.key())
    assert take is not None
    assert take.seed == 5
    outcomes = work(replace(orders, attempts=2), job(f"interrupted {tmp_path / 'others'}", 2))
    assert outcomes[0].failure == "what speaks died 2 times"


def test_one_attempt_means_one(orders: Orders) -> None:
    outcome = work(replace(orders, attempts=1), job(f"by-chance {seed_of_attempt(5, 2)}", seed=5))
    assert "seed 5 has no luck" in outcome[0].failure


def test_engines_are_opened_once_and_closed(
    orders: Orders, monkeypatch: pytest.MonkeyPatch
) -> None:
    import trouble_engine

    opened = []
    real = trouble_engine.Engine.open

    def count(
        self: trouble_engine.Engine, device: str, *, lines_at_once: int = 0
    ) -> trouble_engine.Renderer:
        opened.append(real(self, device, lines_at_once=lines_at_once))
        return opened[-1]

    monkeypatch.setattr(trouble_engine.Engine, "open", count)
    work(orders, job("hello", 1), job("hello", 2))
    work(orders, job("hello", 3))
    assert len(opened) == 1
    close_engines()
    assert opened[0].is_closed


def test_a_mark_tells_what_a_dead_worker_held(tmp_path: Path) -> None:
    journal = InFlightJournal(tmp_path)
    for number in (3, 4, 0, 4):
        journal.begin(number)
    for number in (3, 77):
        journal.end(number)
    assert journal._stream is not None
    journal._stream.write(b"-4")  # died while writing
    assert collect_inflight(tmp_path, os.getpid()) == (4, 0)
    assert list(tmp_path.iterdir()) == []
    assert collect_inflight(tmp_path, os.getpid()) == ()
    assert collect_inflight(tmp_path / "none", 7) == ()
    journal.close()
    InFlightJournal(None).begin(1)


# --- recordings ---------------------------------------------------------------------------------


def write(path: Path, samples: object, rate: int = 48_000) -> Path:
    soundfile.write(path, samples, rate, subtype="PCM_24")
    return path


def tone(rate: int = 48_000, level: float = 0.3) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return level * np.sin(np.arange(rate) * 2 * np.pi * 220 / rate)


def test_a_recording_is_finished_like_a_take(orders: Orders, tmp_path: Path) -> None:
    one = recording_job(write(tmp_path / "ada.wav", tone(44_100), 44_100))
    outcome = work(orders, one)[0]
    clip = TakeStore(orders.out).find_clip(one.clip_key)
    assert clip is not None
    assert not outcome.was_rendered
    assert (clip.source, clip.take_key, clip.sample_rate) == (
        *("recorded", one.recording_sha256, 48_000),
    )
    assert clip.loudness_lufs == pytest.approx(one.post.loudness_lufs, abs=0.3)
    assert TakeStore(orders.out).takes.keys() == set()


@pytest.mark.parametrize(
    ("samples", "rate", "words"),
    [
        (np.zeros(48_000), 48_000, "is silent"),
        (tone(8_000), 8_000, "recorded at 8000 Hz"),
        (np.clip(tone(level=3.0), -1, 1), 48_000, "is clipped"),
    ],
    ids=["silent", "low rate", "clipped"],
)
def test_a_bad_recording_fails_its_line(
    orders: Orders, tmp_path: Path, samples: object, rate: int, words: str
) -> None:
    path = write(tmp_path / "bad.wav", samples, rate)
    outcomes = work(orders, recording_job(path, number=1), job("hello", 2))
    assert words in outcomes[0].failure
    assert "bad.wav" in outcomes[0].failure
    assert outcomes[1].failure == ""


def test_a_missing_or_changed_recording_fails_its_line(orders: Orders, tmp_path: Path) -> None:
    path = write(tmp_path / "ada.wav", tone())
    changed = recording_job(path, sha256="0" * 64)
    missing = recording_job(tmp_path / "none.wav", sha256="1" * 64, number=2)
    outcomes = work(orders, changed, missing)
    assert "changed" in outcomes[0].failure
    assert "cannot be read" in outcomes[1].failure
    assert not outcomes[1].fault


def test_a_lone_peak_is_not_clipping() -> None:
    samples = np.zeros(100, dtype=np.float32)
    samples[10], samples[20:22] = 1.0, -1.0
    assert clipped_share(samples) == 0
    samples[30:34] = 1.0
    assert clipped_share(samples) == pytest.approx(0.04)
