from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from voice_builders import SETTINGS, SYNTHETIC, load, shown, write_project

from voicepipe.consent.record import ConsentKind
from voicepipe.diagnostics import Severity, has_errors
from voicepipe.hashing import sha256_of_file
from voicepipe.voices import project_files
from voicepipe.voices.catalog import load_catalog
from voicepipe.voices.codes import CODES
from voicepipe.voices.voice import VoiceId
from voicepipe.voices.voice_file import cast_json_schema, voice_json_schema

if TYPE_CHECKING:
    from pathlib import Path

PAPER = b"signed"
PAPER_SHA = hashlib.sha256(PAPER).hexdigest()
FULL = f"""\
engine: gpt-sovits
languages: [zh, en]
model: {{gpt: models/noah.ckpt, sovits: models/noah.pth}}
clips:
  - path: voices/noah/calm.wav
    transcript: 你好
    language: zh
  - {{path: voices/noah/sad.wav, transcript: Oh., language: en, emotion: sad}}
sampling: {{top_k: 15, temperature: 0.8}}
timbre: {{pitch: 40, variant: f3}}
speed: 0.95
loudness_lufs: -20
fallback: {{grieving: sad, sly: neutral}}
consent:
  id: noah-2026
  kind: actor
  who: The performer
  scope: [harbor]
  languages: [zh, en]
  from: 2026-01-01
  until: 2028-12-31
  evidence: voices/noah/consent.pdf
  evidence_sha256: {PAPER_SHA}
note: warm
"""
FILES: dict[str, str | bytes] = {
    "voices/noah.yaml": FULL,
    "voices/noah/calm.wav": b"calm",
    "voices/noah/sad.wav": b"sad",
    "voices/noah/consent.pdf": PAPER,
}
SCRATCH = f"engine: scratch\n{SYNTHETIC}"


def test_everything_a_voice_file_says_is_in_the_voice(tmp_path: Path) -> None:
    catalog, problems = load(tmp_path, FILES)
    assert problems == ()
    noah = catalog.voices[VoiceId("noah")]
    assert (noah.engine, noah.languages, noah.speed, noah.loudness_lufs, noah.note) == (
        "gpt-sovits",
        ("zh", "en"),
        0.95,
        -20.0,
        "warm",
    )
    assert noah.model == {"gpt": "models/noah.ckpt", "sovits": "models/noah.pth"}
    assert noah.sampling == {"top_k": 15, "temperature": 0.8}
    assert isinstance(noah.sampling["top_k"], int)
    assert noah.timbre == {"pitch": 40, "variant": "f3"}
    assert noah.fallback == {"grieving": "sad", "sly": "neutral"}
    calm, sad = noah.clips
    assert (calm.emotion, calm.language, calm.transcript) == ("neutral", "zh", "你好")
    assert calm.sha256 == hashlib.sha256(b"calm").hexdigest()
    assert (sad.emotion, str(sad.span)) == ("sad", "voices/noah.yaml:8:12")
    consent = noah.consent
    assert consent is not None
    assert (consent.id, consent.kind) == ("noah-2026", ConsentKind.ACTOR)
    assert (str(consent.valid_from), str(consent.valid_until)) == ("2026-01-01", "2028-12-31")
    assert str(consent.span) == "voices/noah.yaml:14:1"


def test_an_absent_folder_is_an_empty_catalog(tmp_path: Path) -> None:
    catalog, problems = load(tmp_path, {})
    assert (dict(catalog.voices), dict(catalog.cast), problems) == ({}, {}, ())


def test_voices_come_in_order_and_other_files_are_left_alone(tmp_path: Path) -> None:
    files = {
        "voices/zoe.yaml": SCRATCH,
        "voices/ada.yaml": SCRATCH,
        "voices/notes.txt": "",
        "voices/.hidden.yaml": "",
        "voices/ada/clip.yaml": "",
    }
    catalog, problems = load(tmp_path, files)
    assert (list(catalog.voices), problems) == (["ada", "zoe"], ())


def test_cast_says_who_renders_whom(tmp_path: Path) -> None:
    cast = "captain: ada\nnarrator: {voice: zoe, languages: {ja: ada}, emotions: {angry: ada}}\n"
    files = {"voices/zoe.yaml": SCRATCH, "voices/ada.yaml": SCRATCH, "voices/cast.yaml": cast}
    catalog, problems = load(tmp_path, files)
    assert problems == ()
    assert catalog.cast["captain"].voice_for("zh", "neutral") == "ada"
    narrator = catalog.cast["narrator"]
    assert narrator.voice_for("zh", "neutral") == "zoe"
    assert narrator.voice_for("ja", "neutral") == "ada"
    assert narrator.voice_for("zh", "angry") == "ada"
    assert str(narrator.span) == "voices/cast.yaml:2:1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1 VP304"]),
        ("- a\n", ["1:1 VP305"]),
        ("just text\n", ["1:1 VP305"]),
        ("engine: scratch\n---\nengine: scratch\n", ["3:1 VP305"]),
        ("note: x\n", ["1:1 VP304"]),
        ("engine: ' '\n", ["1:10 VP305"]),
        ("engine: scratch\nengin: x\n", ["2:1 VP303"]),
        ("engine: scratch\nspeed: fast\n", ["2:8 VP305"]),
        ("engine: scratch\nspeed: .nan\n", ["2:8 VP305"]),
        ("engine: scratch\nspeed: 9\n", ["2:8 VP305"]),
        ("engine: scratch\nsampling: {top_k: many}\n", ["2:19 VP305"]),
        ("engine: scratch\nlanguages: [EN]\n", ["2:13 VP305"]),
        ("engine: scratch\nloudness_lufs: 3\n", ["2:16 VP305"]),
        ("engine: x\nclips:\n  - {path: a.wav, language: zh}\n", ["3:5 VP304"]),
        ("engine: scratch\nconsent: {id: x}\n", ["2:1 VP304"] * 5),
        ("engine: *x\n", ["1:9 VP107"]),
        ("engine: scratch\nengine: scratch\n", ["2:1 VP108"]),
        ("\x00", ["1:1 VP105"]),
    ],
)
def test_what_does_not_fit_is_pointed_at(tmp_path: Path, text: str, expected: list[str]) -> None:
    catalog, problems = load(tmp_path, {"voices/ada.yaml": text})
    assert shown(problems) == [f"voices/ada.yaml:{place}" for place in expected]
    assert catalog.broken == {"ada"}
    assert not catalog.voices


@pytest.mark.parametrize("value", ["1735689600", "2026-13-01", "20260101", "tomorrow", "2026-1-1"])
def test_dates_are_written_one_way(tmp_path: Path, value: str) -> None:
    text = f"engine: scratch\n{SYNTHETIC}".replace("2026-01-01", value)
    _, problems = load(tmp_path, {"voices/ada.yaml": text})
    assert shown(problems) == ["voices/ada.yaml:8:9 VP305"]


def test_an_unknown_key_comes_with_the_right_one(tmp_path: Path) -> None:
    _, problems = load(tmp_path, {"voices/ada.yaml": "engine: scratch\nfalback: {a: b}\n"})
    assert 'did you mean "fallback"' in problems[0].message


@pytest.mark.parametrize("name", ["Ada.yaml", "ada.yml", "ada b.yaml", "声.yaml", "9lives.yaml"])
def test_a_file_that_cannot_name_a_voice_is_said(tmp_path: Path, name: str) -> None:
    catalog, problems = load(tmp_path, {f"voices/{name}": SCRATCH})
    assert [d.code for d in problems] == ["VP311"]
    assert not catalog.voices


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("voices/noah/sad.wav", "voices/noah/bad.wav"), "VP320"),
        (("voices/noah/sad.wav", "../sad.wav"), "VP102"),
        (("voices/noah/sad.wav", "/etc/hostname"), "VP102"),
        (("voices/noah/sad.wav", "voices/noah"), "VP320"),
        ((", emotion: sad", ""), None),
        (("emotion: sad", "emotion: neutral"), None),
        (("language: zh\n", "language: zh\n    emotion: calm\n"), "VP309"),
        (("grieving: sad", "grieving: low, low: grieving"), "VP307"),
        (("grieving: sad", "neutral: sad"), "VP307"),
        (("grieving: sad", "grieving: grieving"), "VP307"),
        (("grieving: sad", "grieving: sda"), "VP308"),
        (("until: 2028-12-31", "until: 2025-12-31"), "VP410"),
        (("evidence: voices/noah/consent.pdf", "evidence: voices/noah/lost.pdf"), "VP408"),
        (("evidence: voices/noah/consent.pdf\n", "note: x\n"), "VP303"),
        (("  evidence: voices/noah/consent.pdf\n", ""), "VP407"),
        ((f"  evidence_sha256: {PAPER_SHA}\n", ""), "VP407"),
        ((PAPER_SHA, "0" * 64), "VP409"),
        ((PAPER_SHA, "abc"), "VP305"),
    ],
)
def test_references_are_checked(tmp_path: Path, change: tuple[str, str], code: str | None) -> None:
    assert change[0] in FULL
    files = FILES | {"voices/noah.yaml": FULL.replace(*change)}
    catalog, problems = load(tmp_path, files)
    codes = {d.code for d in problems}
    if code is None:
        assert codes <= {"VP308"}  # the fallback to sad leads nowhere then
    else:
        assert code in codes
        assert all(d.message and d.span.line > 1 for d in problems)
    assert (VoiceId("noah") in catalog.voices) is not has_errors(problems)


def test_a_misspelt_fallback_comes_with_the_right_one(tmp_path: Path) -> None:
    _, problems = load(tmp_path, FILES | {"voices/noah.yaml": FULL.replace("g: sad", "g: sda")})
    assert [(d.severity, d.span.line) for d in problems] == [(Severity.WARNING, 13)]
    assert 'did you mean "sad"' in problems[0].message


def test_a_circle_is_told_step_by_step(tmp_path: Path) -> None:
    circle = FULL.replace("grieving: sad", "a: b, b: c, c: a, d: a")
    _, problems = load(tmp_path, FILES | {"voices/noah.yaml": circle})
    assert [d.code for d in problems] == ["VP307"] * 3
    assert "a → b → c → a" in problems[0].message


def test_two_clips_for_one_delivery_are_one_too_many(tmp_path: Path) -> None:
    text = FULL.replace("language: en, emotion: sad", "language: zh").replace("grieving: sad, ", "")
    catalog, problems = load(tmp_path, FILES | {"voices/noah.yaml": text})
    assert [(d.code, d.severity) for d in problems] == [("VP312", Severity.WARNING)]
    assert len(catalog.voices[VoiceId("noah")].clips) == 2


def test_a_revoked_voice_needs_neither_clips_nor_paper(tmp_path: Path) -> None:
    text = FULL.replace("  kind: actor", "  revoked: 2026-05-01\n  kind: actor")
    catalog, problems = load(tmp_path, {"voices/noah.yaml": text})
    assert problems == ()
    noah = catalog.voices[VoiceId("noah")]
    assert noah.clips == ()
    assert noah.consent is not None
    assert str(noah.consent.revoked) == "2026-05-01"


@pytest.mark.parametrize(
    ("cast", "expected"),
    [
        ("captain: adda\n", ["1:10 VP302"]),
        ("captain: {voice: adda}\n", ["1:18 VP302"]),
        ("captain: {voice: ada, languages: {ja: nobody}}\n", ["1:39 VP302"]),
        ("captain: {voice: ada, emotions: {angry: nobody}}\n", ["1:41 VP302"]),
        ("captain: {voise: ada}\n", ["1:10 VP304", "1:11 VP303"]),
        ("captain: [ada]\n", ["1:10 VP305"]),
        ("- ada\n", ["1:1 VP305"]),
        ("", ["1:1 VP304"]),
        ("a: [\n", ["2:1 VP106"]),
    ],
)
def test_what_is_wrong_with_the_cast_is_pointed_at(
    tmp_path: Path, cast: str, expected: list[str]
) -> None:
    _, problems = load(tmp_path, {"voices/ada.yaml": SCRATCH, "voices/cast.yaml": cast})
    assert shown(problems) == [f"voices/cast.yaml:{place}" for place in expected]


def test_a_broken_voice_is_not_reported_again_by_the_cast(tmp_path: Path) -> None:
    files = {"voices/ada.yaml": "engine: scratch\nx: y\n", "voices/cast.yaml": "captain: ada\n"}
    _, problems = load(tmp_path, files)
    assert [d.code for d in problems] == ["VP303"]


def test_a_clip_that_many_name_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = FULL.replace("id: noah-2026", "id: other")
    write_project(tmp_path, FILES | {"voices/other.yaml": second})
    seen: list[str] = []

    def counted(path: Path) -> str:
        seen.append(path.name)
        return sha256_of_file(path)

    monkeypatch.setattr(project_files, "sha256_of_file", counted)
    _, problems = load_catalog(tmp_path, SETTINGS)
    assert problems == ()
    assert sorted(seen) == ["calm.wav", "consent.pdf", "sad.wav"]


def test_a_huge_clip_is_not_hashed(tmp_path: Path) -> None:
    write_project(tmp_path, FILES)
    with (tmp_path / "voices/noah/sad.wav").open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)  # sparse
    _, problems = load_catalog(tmp_path, SETTINGS)
    assert [d.code for d in problems] == ["VP320"]
    assert "the limit is" in problems[0].message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a POSIX thing")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write_project(tmp_path, FILES)
    (tmp_path / "voices/noah/sad.wav").unlink()
    os.mkfifo(tmp_path / "voices/noah/sad.wav")
    os.mkfifo(tmp_path / "voices/pipe.yaml")
    _, problems = load_catalog(tmp_path, SETTINGS)
    assert sorted(d.code for d in problems) == ["VP101", "VP320"]


def test_the_schema_agrees_with_the_reader() -> None:
    schema = voice_json_schema()
    full = yaml.safe_load(FULL)
    full["consent"]["from"] = full["consent"]["until"] = "2026-01-01"
    jsonschema.validate(full, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"engine": "scratch", "engin": 1}, schema)
    jsonschema.validate(
        {"a": "b", "c": {"voice": "d", "languages": {"ja": "e"}}}, cast_json_schema()
    )
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"a": {"languages": {}}}, cast_json_schema())


def test_codes_are_unique_and_explained() -> None:
    assert len({info.code for info in CODES}) == len(CODES)
    assert all(info.code.startswith("VP3") and len(info.explanation) > 40 for info in CODES)
