"""Analysers that hold models: what they find in clips, and what they say where they cannot."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.resample import resample
from voicepipe.audio.wav import read_clip
from voicepipe.bank.annotations import annotation_key
from voicepipe.errors import CorruptObject
from voicepipe.hashing import sha256_of_file
from voicepipe.installation import install_remedy
from voicepipe.qc import whisper_files
from voicepipe.qc.analyser import Analyser, LineFacts, VoiceClip, VoiceFacts
from voicepipe.qc.intelligibility import IntelligibilityAnalyser
from voicepipe.qc.naturalness import NaturalnessAnalyser
from voicepipe.qc.registry import ANALYSER_PATHS, analysers_named
from voicepipe.qc.speaker import SpeakerAnalyser
from voicepipe.qc.thresholds import counting_faults, default_limits
from voicepipe.settings import load_settings
from voicepipe.text.frontend import utterance
from voicepipe.text.records import ReadingStyle
from voicepipe.voices.catalog import load_catalog

ROOT = Path(__file__).parents[2]


@cache
def voice(name: str) -> VoiceFacts:
    settings, _ = load_settings(ROOT)
    assert settings is not None
    catalog, _ = load_catalog(ROOT, settings)
    clips = next(found.clips for found in catalog.voices.values() if found.id == name)
    return VoiceFacts(
        id=name,
        clips=tuple(
            VoiceClip(
                path=ROOT / clip.path,
                sha256=sha256_of_file(ROOT / clip.path),
                transcript=clip.transcript,
                language=clip.language,
            )
            for clip in clips
        ),
    )


def line(speaker: str, language: str, text: str = "") -> LineFacts:
    """A line that says what one of the voice's clips says; the others are its references."""
    clips = voice(speaker).clips
    spoken = text or next(clip.transcript for clip in clips if clip.language == language)
    others = [name for name in ("noah", "mara", "wei") if name != speaker]
    return LineFacts(
        line="a_0010",
        language=language,
        text=spoken,
        said=utterance(spoken, language, style=ReadingStyle.SPOKEN, pads_short=False),
        voice=VoiceFacts(
            id=speaker, clips=tuple(clip for clip in clips if clip.language != language)
        ),
        other_voices=tuple(voice(name) for name in others),
    )


def clip_of(speaker: str, language: str) -> AudioClip:
    return read_clip(next(c.path for c in voice(speaker).clips if c.language == language))


@cache
def listener() -> IntelligibilityAnalyser:
    return IntelligibilityAnalyser(ROOT)


def reasons(analyser: Analyser, clip: AudioClip, facts: LineFacts) -> set[str]:
    found = analyser.analyse(clip, facts)
    assert not found.not_judged
    return {fault.reason for fault in counting_faults(found, default_limits(facts.language))}


@pytest.mark.parametrize("name", ANALYSER_PATHS)
def test_every_analyser_is_spelled_as_annotations_are(name: str) -> None:
    (analyser,) = analysers_named([name], root=ROOT)
    assert analyser.name == name
    assert analyser.unavailable() == ""
    subject = "0" * 64
    assert annotation_key(subject, analyser.name, analyser.revision).startswith(subject)
    assert len(analyser.revision) <= 20


def test_findings_depend_on_what_is_compared() -> None:
    facts = line("noah", "en")
    other_text = replace(facts, said=line("noah", "en", "Something else.").said)
    assert listener().depends_on(facts) != listener().depends_on(other_text)
    assert SpeakerAnalyser().depends_on(facts) == SpeakerAnalyser().depends_on(other_text)
    other_voice = replace(facts, voice=voice("mara"))
    assert SpeakerAnalyser().depends_on(facts) != SpeakerAnalyser().depends_on(other_voice)


def test_a_language_without_front_end_is_not_judged_by_what_it_says() -> None:
    facts = replace(line("noah", "en"), language="es", said=None)
    assert "es" in listener().not_judged(facts)


def test_a_language_that_the_weights_do_not_know_is_not_judged() -> None:
    """Whisper has heard Cantonese as a language of its own only since large-v3."""
    why = listener().not_judged(line("noah", "yue", "我哋今晚一齊出海。"))
    assert why.startswith("whisper-base does not hear yue")
    assert "whisper-large-v3-turbo" in why
    assert listener().not_judged(line("noah", "ko", "배가 먼 곳으로 갑니다.")) == ""


def test_a_projects_own_weights_are_named_for_machines_that_are_sent_them(tmp_path: Path) -> None:
    assert listener().reads() == ()  # installed, here and there
    folder = tmp_path / "models" / "whisper-base"
    folder.mkdir(parents=True)
    lock = json.loads((ROOT / "models.lock").read_text("utf-8"))
    one = next(iter(lock["models"].values()))
    files = {"model.bin": next(iter(one["files"].values()))}
    lock["models"] = {"whisper-base": {**one, "family": "whisper", "files": files}}
    (tmp_path / "models.lock").write_text(json.dumps(lock), "utf-8")
    named = IntelligibilityAnalyser(tmp_path).reads()
    assert named == (tmp_path / "models.lock", folder / "model.bin")


def test_a_voice_without_recordings_is_not_judged_by_its_likeness() -> None:
    facts = replace(line("noah", "en"), voice=VoiceFacts(id="guide"))
    assert "guide" in SpeakerAnalyser().not_judged(facts)


def test_missing_packages_and_weights_are_told_with_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whisper_files, "_WHEELS", ("no_such_package_1", "no_such_package_2"))
    without_weights = IntelligibilityAnalyser(tmp_path)
    assert "models pull whisper-base" in without_weights.unavailable()
    monkeypatch.setattr(whisper_files, "_PACKAGES", ("no_such_package",))
    assert install_remedy("qc") in without_weights.unavailable()


def test_weights_with_other_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"other")
    source = whisper_files.WhisperSource(
        name="whisper-base", parts={"model.bin": (path,)}, sha256={"model.bin": "0" * 64}
    )
    with pytest.raises(CorruptObject, match="not those of whisper-base"):
        source.read()


def test_a_clip_without_speech_lacks_every_word() -> None:
    noise = np.random.default_rng(1).standard_normal(16_000).astype(np.float32) * 0.01
    clip = AudioClip(samples=noise, sample_rate=16_000)
    assert reasons(listener(), clip, line("noah", "en")) == {"missing_words"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "ja"])
def test_a_recording_says_its_transcript(language: str) -> None:
    assert reasons(listener(), clip_of("noah", language), line("noah", language)) == set()


@pytest.mark.slow
def test_missing_words_another_language_and_a_leak_are_found() -> None:
    clip, facts = clip_of("noah", "en"), line("noah", "en")
    short = AudioClip(samples=clip.samples[: clip.n_samples // 2], sample_rate=clip.sample_rate)
    assert "missing_words" in reasons(listener(), short, facts)
    assert "wrong_language" in reasons(listener(), clip_of("noah", "zh"), facts)
    other = resample(clip_of("mara", "en"), clip.sample_rate)
    both = AudioClip(
        samples=np.concatenate([other.samples, clip.samples]), sample_rate=clip.sample_rate
    )
    shown = replace(facts, voice=VoiceFacts(id="noah", clips=voice("mara").clips))
    found = listener().analyse(both, shown)
    leaks = [fault for fault in found.faults if fault.reason == "reference_leak"]
    assert leaks
    assert leaks[0].end_s <= other.duration_s + 0.5
    assert {"reference_leak"} <= reasons(listener(), both, shown)


@pytest.mark.slow
def test_a_voice_is_known_by_its_clips_and_not_by_those_of_others() -> None:
    analyser = SpeakerAnalyser()
    facts = replace(line("noah", "en"), voice=voice("noah"))
    whole = clip_of("noah", "en")
    half = AudioClip(samples=whole.samples[: whole.n_samples // 2], sample_rate=whole.sample_rate)
    assert reasons(analyser, half, facts) == set()
    assert reasons(analyser, clip_of("mara", "en"), facts) == {"unlike_voice", "other_voice"}
    found = analyser.analyse(clip_of("mara", "en"), facts)
    assert [fault.heard for fault in found.faults if fault.reason == "other_voice"] == ["mara"]


@pytest.mark.slow
def test_torn_speech_sounds_less_natural() -> None:
    analyser, facts = NaturalnessAnalyser(), line("noah", "en")
    clip = clip_of("noah", "en")
    step = clip.sample_rate // 10
    pieces = [clip.samples[start : start + step] for start in range(0, clip.n_samples, step)]
    torn = AudioClip(samples=np.concatenate(pieces[::-1]), sample_rate=clip.sample_rate)
    whole = analyser.analyse(clip, facts).scores["mos"]
    assert 1 <= analyser.analyse(torn, facts).scores["mos"] < whole - 0.5
