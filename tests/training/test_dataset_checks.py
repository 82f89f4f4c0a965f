"""Figures and verdicts: what is merely poor is named, what would train a bad voice is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from dataset_builder import (
    RATE,
    SENTENCES,
    codes_of,
    report_of,
    silence,
    speech,
    spoken,
    write_files,
    write_sound,
    write_table,
    write_takes,
)

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.resample import resample
from voicepipe.diagnostics import Severity
from voicepipe.training.dataset.checks import bandwidth_hz, odd_paces
from voicepipe.training.dataset.coverage import INVENTORIES, cover_sounds
from voicepipe.training.dataset.coverage import spoken as sounds_of
from voicepipe.training.dataset.verdict import figure_text, length_correlation

if TYPE_CHECKING:
    from pathlib import Path


def _clip(samples: Any, rate: int = RATE) -> AudioClip:
    return AudioClip(samples=np.asarray(samples, dtype=np.float32), sample_rate=rate)


def _errors(folder: Path) -> list[str]:
    found = report_of(folder).diagnostics
    return sorted({d.code for d in found if d.severity is Severity.ERROR})


def test_a_good_minute_is_fit_and_measured(tmp_path: Path) -> None:
    report = report_of(write_takes(tmp_path, n=20))
    assert report.is_fit
    assert codes_of(report) == ["VP653"]
    figures = report.figures
    assert (figures.clips, figures.takes, figures.left_out, figures.cut) == (20, 20, 0, 0)
    assert figures.duration_s == pytest.approx(56, abs=15)
    assert figures.duration_s_by_language == {"en": figures.duration_s}
    assert figures.sample_rates == (RATE,)
    assert figures.bandwidth_hz == RATE / 2
    assert figures.snr_db > 30
    assert figures.narrow_share == figures.overloaded_share == 0
    assert figures.length_correlation is not None
    assert figures.length_correlation > 0.9
    assert figures.sounds[0].share > 0.85
    assert [clip.name for clip in report.clips] == sorted(clip.name for clip in report.clips)


def test_a_telephone_is_heard_through_every_sample_rate_and_through_added_noise() -> None:
    original = _clip(speech(3.0, rate=48_000), 48_000)
    telephone = resample(original, 8_000)
    assert bandwidth_hz(telephone) == 4_000
    up = resample(telephone, 48_000)
    assert bandwidth_hz(up) == pytest.approx(4_000, abs=400)
    noise = np.random.Generator(np.random.PCG64(3)).standard_normal(up.n_samples)
    assert bandwidth_hz(_clip(up.samples + 1e-3 * noise, 48_000)) == pytest.approx(3_900, abs=500)
    rounded = np.round(up.samples * 32_768) / 32_768
    assert bandwidth_hz(_clip(rounded, 48_000)) == pytest.approx(4_000, abs=400)
    assert bandwidth_hz(original) > 15_000
    assert bandwidth_hz(resample(resample(original, 16_000), 48_000)) == pytest.approx(
        8_000, abs=400
    )


def test_noise_and_scraps_have_the_bandwidth_of_their_file() -> None:
    noise = np.random.Generator(np.random.PCG64(3)).standard_normal(RATE)
    assert bandwidth_hz(_clip(0.1 * noise)) == RATE / 2
    assert bandwidth_hz(_clip(noise[:2_000])) == RATE / 2


def test_a_dataset_of_telephone_sound_is_refused(tmp_path: Path) -> None:
    rows = []
    for number, text in enumerate(SENTENCES * 2):
        take = resample(_clip(spoken(text, seed=number)), 8_000)
        name = f"{number:02d}.wav"
        write_sound(tmp_path / name, resample(take, 44_100).samples, 44_100)
        rows.append((name, text))
    write_table(tmp_path, rows)
    report = report_of(tmp_path)
    assert not report.is_fit
    assert report.figures.narrow_share == 1.0
    (refusal,) = [d for d in report.diagnostics if d.code == "VP651"]
    assert "100% of the time is telephone sound" in refusal.message


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda wave, noise: np.clip(20 * wave, -1, 1), "overloaded"),
        (lambda wave, noise: wave + 0.08 * noise, "signal-to-noise"),
    ],
    ids=["overloaded", "noisy"],
)
def test_a_dataset_that_is_spoilt_throughout_is_refused(
    tmp_path: Path, spoil: Any, said: str
) -> None:
    rows = []
    for number, text in enumerate(SENTENCES * 2):
        wave = spoken(text, seed=number + 1)
        noise = np.random.Generator(np.random.PCG64(number)).standard_normal(len(wave))
        write_sound(tmp_path / f"{number:02d}.wav", spoil(wave, noise))
        rows.append((f"{number:02d}.wav", text))
    write_table(tmp_path, rows)
    report = report_of(tmp_path)
    assert not report.is_fit
    assert any(said in d.message for d in report.diagnostics if d.code == "VP651")


def test_texts_shifted_by_one_row_are_found_out(tmp_path: Path) -> None:
    write_takes(tmp_path, n=24)
    names = [f"takes/{number + 1:03d}.wav" for number in range(24)]
    texts = [SENTENCES[number % len(SENTENCES)] for number in range(24)]
    write_table(tmp_path, list(zip(names, [texts[-1], *texts[:-1]], strict=True)))
    report = report_of(tmp_path)
    assert not report.is_fit
    (found,) = [d for d in report.diagnostics if d.code == "VP652"]
    assert "one row before it" in found.message


def test_one_wrong_text_is_left_out_and_an_odd_one_is_named(tmp_path: Path) -> None:
    write_takes(tmp_path, n=24)
    write_sound(tmp_path / "takes/002.wav", speech(10.0))
    write_sound(tmp_path / "takes/003.wav", speech(2.3))
    report = report_of(tmp_path)
    paces = [d for d in report.diagnostics if d.code == "VP646"]
    assert [("left out" in d.help, d.span.line) for d in paces] == [(True, 3), (False, 4)]
    assert "takes/002.wav" not in {clip.name for clip in report.clips}
    assert report.figures.left_out == 1
    assert report.is_fit


def test_hours_of_nothing_are_refused_for_what_they_lack(tmp_path: Path) -> None:
    write_takes(tmp_path, n=3)
    assert _errors(tmp_path) == ["VP650"]
    for number in range(40):
        write_sound(tmp_path / f"more/{number}.wav", speech(1.0, seed=number))
    assert _errors(tmp_path) == ["VP650", "VP651"]


def test_all_left_out_says_so(tmp_path: Path) -> None:
    write_sound(tmp_path / "a.wav", silence(2.0) * 0.01)
    write_table(tmp_path, [("a.wav", "Go."), ("b.wav", "Wait.")])
    report = report_of(tmp_path)
    assert codes_of(report) == ["VP632", "VP638"]
    assert report.figures.clips == 0
    assert report.figures.loudness_lufs is None


def test_hostile_sound_is_left_out_and_named(tmp_path: Path) -> None:
    write_takes(tmp_path, n=24)
    takes = tmp_path / "takes"
    (takes / "001.wav").write_bytes(b"")
    (takes / "002.wav").write_bytes(b"RIFF" + b"\xff" * 2_000)
    broken = spoken(SENTENCES[2]).copy()
    broken[100] = np.inf
    write_sound(takes / "003.wav", broken, subtype="FLOAT")
    with (takes / "004.wav").open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)
    report = report_of(tmp_path)
    assert sorted(d.span.line for d in report.diagnostics if d.code == "VP632") == [2, 3, 4, 5]
    assert report.is_fit
    assert report.figures.left_out == 4


def test_stereo_flac_and_low_rates_are_read(tmp_path: Path) -> None:
    wave = spoken(SENTENCES[0])
    write_sound(tmp_path / "a.flac", np.stack([wave, wave], axis=1))
    write_sound(tmp_path / "b.ogg", wave, subtype="VORBIS")
    write_sound(tmp_path / "c.wav", speech(4.9, rate=8_000), 8_000)
    write_table(tmp_path, [(name, SENTENCES[0]) for name in ("a.flac", "b.ogg", "c.wav")])
    report = report_of(tmp_path)
    assert {"VP648", "VP644"} <= set(codes_of(report))
    assert report.figures.sample_rates == (8_000, RATE)
    only = next(d for d in report.diagnostics if d.code == "VP644")
    assert "has only 8000 Hz" in only.message


def test_a_long_take_with_one_sentence_a_line_becomes_several_clips(tmp_path: Path) -> None:
    parts = [part for text in SENTENCES[2:9] for part in (spoken(text), silence(0.7))]
    write_sound(tmp_path / "long.wav", np.concatenate(parts))
    write_files(tmp_path, {"long.txt": "\n".join(SENTENCES[2:9])})
    report = report_of(tmp_path)
    assert report.figures.cut == 1
    assert [clip.name for clip in report.clips][:2] == ["long.wav#1", "long.wav#2"]
    assert " ".join(clip.text for clip in report.clips) == " ".join(SENTENCES[2:9])


def test_the_same_bytes_are_heard_once(tmp_path: Path) -> None:
    for name in ("a.wav", "b.wav"):
        write_sound(tmp_path / name, spoken(SENTENCES[0]))
    write_table(tmp_path, [("a.wav", SENTENCES[0]), ("b.wav", "Something else.")])
    report = report_of(tmp_path)
    (found,) = [d for d in report.diagnostics if d.code == "VP634"]
    assert "with another text" in found.message
    assert [clip.name for clip in report.clips] == ["a.wav"]


def test_a_whispered_session_beside_a_shouted_one_is_uneven(tmp_path: Path) -> None:
    write_takes(tmp_path, n=24)
    for number in range(1, 9):
        text = SENTENCES[number - 1]
        write_sound(tmp_path / f"takes/{number:03d}.wav", 0.1 * spoken(text, seed=number + 1))
    assert "VP647" in codes_of(report_of(tmp_path))


def test_sounds_are_counted_without_tones_stress_and_marks() -> None:
    assert sounds_of(("AH0", "AH1", ",", "UNK", "zh", "ir4", "i02", "Yaa3", "SP")) == (
        "AH",
        "AH",
        "zh",
        "ir",
        "i0",
        "Yaa",
    )
    everything = cover_sounds("ja", sorted(INVENTORIES["ja"]) * 3)
    assert (everything.share, everything.missing, everything.rare) == (1.0, (), ())
    little = cover_sounds("ja", ["a", "a", "a", "k"])
    assert little.rare == ("k",)
    assert little.share == pytest.approx(2 / little.n_known)


def test_paces_are_compared_only_among_others() -> None:
    assert odd_paces([10.0] * 6 + [40.0]) == ()
    assert odd_paces([10.0] * 8 + [21.0, 4.9]) == (8, 9)


def test_equal_lengths_tell_nothing(tmp_path: Path) -> None:
    report = report_of(write_takes(tmp_path, n=16))
    assert length_correlation(report.clips[:5]) is None
    same = [replace(clip, sounds=("a",) * 10) for clip in report.clips]
    assert length_correlation(same) is None


def test_silence_has_no_limit_in_decibels() -> None:
    assert (figure_text(float("inf")), figure_text(31.4)) == ("∞", "31")
