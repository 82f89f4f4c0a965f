"""Recordings that only shape timbre: read, checked and shown like every other clip."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner
from voice_builders import SYNTHETIC, load, shown, write_project

from cli import voices
from cli.output import Session
from voicepipe.diagnostics import has_errors
from voicepipe.voices.voice import VoiceId
from voicepipe.voices.voice_file import MAX_AUXILIARY

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.voices.voice import Voice

VOICE = f"""\
engine: gpt-sovits
clips:
  - {{path: voices/noah/calm.wav, transcript: One two., language: en}}
  - path: voices/noah/sad.wav
    transcript: Three four.
    language: en
    emotion: sad
    auxiliary: [voices/noah/low.wav]
  - {{path: voices/noah/shout.wav, transcript: No., language: en, emotion: angry, auxiliary: []}}
auxiliary: [voices/noah/more.wav, voices/noah/even.wav]
{SYNTHETIC}"""
NAMES = ("calm", "sad", "shout", "more", "even", "low")


def _files(text: str = VOICE) -> dict[str, str | bytes]:
    clips: dict[str, str | bytes] = {f"voices/noah/{n}.wav": n.encode() for n in NAMES}
    return {"voicepipe.yaml": "bank: harbor\nlanguages: [en]\n", "voices/noah.yaml": text} | clips


def _voice(root: Path, text: str = VOICE) -> Voice:
    catalog, problems = load(root, _files(text))
    assert not problems
    return catalog.voices[VoiceId("noah")]


def _names(voice: Voice) -> list[list[str]]:
    return [[other.path[12:-4] for other in clip.auxiliary] for clip in voice.clips]


def test_a_delivery_without_a_list_takes_the_voices(tmp_path: Path) -> None:
    voice = _voice(tmp_path)
    assert _names(voice) == [["more", "even"], ["low"], []]
    assert [other.path[12:-4] for other in voice.auxiliary] == ["more", "even", "low"]
    more = voice.clips[0].auxiliary[0]
    assert more.sha256 == hashlib.sha256(b"more").hexdigest()
    assert str(more.span) == "voices/noah.yaml:10:13"
    assert str(voice.clips[1].auxiliary[0].span) == "voices/noah.yaml:8:17"


def test_a_voice_without_any_is_as_before(tmp_path: Path) -> None:
    text = VOICE.replace("auxiliary: [voices/noah/more.wav, voices/noah/even.wav]\n", "")
    voice = _voice(tmp_path, text.replace("    auxiliary: [voices/noah/low.wav]\n", ""))
    assert _names(voice) == [[], [], []]
    assert voice.auxiliary == ()


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("noah/even.wav", "noah/gone.wav", "voices/noah.yaml:10:35 VP320"),
        ("noah/low.wav", "noah/gone.wav", "voices/noah.yaml:8:17 VP320"),
        ("voices/noah/even.wav", "voices/noah", "voices/noah.yaml:10:35 VP320"),
        ("voices/noah/even.wav", "../even.wav", "voices/noah.yaml:10:35 VP102"),
        ("voices/noah/even.wav]", '""]', "voices/noah.yaml:10:36 VP305"),
    ],
)
def test_one_that_cannot_be_read_is_an_error_at_its_place(
    tmp_path: Path, old: str, new: str, where: str
) -> None:
    catalog, problems = load(tmp_path, _files(VOICE.replace(old, new)))
    assert shown(problems) == [where]
    assert has_errors(problems)
    assert catalog.broken == {"noah"}


def test_a_list_has_an_end(tmp_path: Path) -> None:
    long = ", ".join(f"voices/noah/{i}.wav" for i in range(MAX_AUXILIARY + 1))
    text = VOICE.replace("voices/noah/more.wav, voices/noah/even.wav", long)
    assert shown(load(tmp_path, _files(text))[1]) == ["voices/noah.yaml:10:12 VP305"]


@pytest.mark.parametrize(
    ("again", "says"),
    [
        ("voices/noah/more.wav", "is named before"),
        ("voices/noah/copy.wav", 'is the same recording as "voices/noah/more.wav"'),
        ("voices/noah/calm.wav", "is the reference clip"),
    ],
)
def test_a_recording_that_counts_twice_is_remarked(tmp_path: Path, again: str, says: str) -> None:
    files = _files(VOICE.replace("voices/noah/even.wav", again))
    _, problems = load(tmp_path, files | {"voices/noah/copy.wav": b"more"})
    assert shown(problems) == ["voices/noah.yaml:10:35 VP329"]
    assert says in problems[0].message
    assert not has_errors(problems)


def test_a_revoked_voice_has_none(tmp_path: Path) -> None:
    text = VOICE.replace("from: 2026-01-01", "from: 2026-01-01\n  revoked: 2026-02-02")
    (tmp_path / "empty").mkdir()
    files = {"voices/noah.yaml": text}
    catalog, problems = load(tmp_path / "empty", files)
    voice = catalog.voices[VoiceId("noah")]
    assert (problems, voice.clips, voice.auxiliary) == ((), (), ())


def _json(root: Path, *arguments: str) -> dict[str, Any]:
    app = typer.Typer(rich_markup_mode=None)
    voices.register(app)
    done = CliRunner().invoke(app, ["voices", *arguments, "--json"], obj=Session(root=root))
    return dict(json.loads(done.stdout))


def test_listing_tells_of_them(tmp_path: Path) -> None:
    root = write_project(tmp_path, _files())
    app = typer.Typer(rich_markup_mode=None)
    voices.register(app)
    told = CliRunner().invoke(app, ["voices", "ls"], obj=Session(root=root))
    assert "3 (angry, neutral, sad) + 3 for timbre" in told.stdout
    (noah,) = _json(root, "ls")["voices"]
    assert [clip["auxiliary"] for clip in noah["clips"]] == [
        ["voices/noah/more.wav", "voices/noah/even.wav"],
        ["voices/noah/low.wav"],
        [],
    ]
    assert [clip["path"] for clip in noah["auxiliary"]] == [
        "voices/noah/more.wav",
        "voices/noah/even.wav",
        "voices/noah/low.wav",
    ]


def test_checking_measures_each_once(tmp_path: Path) -> None:
    root = write_project(tmp_path, _files())
    found = [d for d in _json(root, "check")["diagnostics"] if d["code"] < "VP4"]
    assert [d["code"] for d in found] == ["VP320"] * 6  # none of these files is sound
    assert {d["message"].split('"')[1] for d in found if '"' in d["message"]} <= {
        f"voices/noah/{name}.wav" for name in NAMES
    }
