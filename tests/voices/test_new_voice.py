"""`voices new`: a voice's file that renders nothing yet, its clips, its casting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.pipeline.new_voice import NewVoice, VoiceRequest, new_voice
from voicepipe.pipeline.project import load_project, usable_settings
from voicepipe.voices.catalog import load_catalog

SCRIPT = """\
scene: quay
nodes:
  night:
    - {line: quay_0010, who: noah, text: Who goes there?}
    - {line: quay_0020, who: captain, text: Nobody.}
    - goto: END
"""


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    root = tmp_path / "game"
    (root / "scripts_in").mkdir(parents=True)
    (root / "voicepipe.yaml").write_text("bank: harbor\nlanguages: [en]\n", "utf-8")
    (root / "scripts_in/quay.yaml").write_text(SCRIPT, "utf-8")
    return root


def _sound(path: Path, seconds: float = 4.0) -> Path:
    t = np.arange(round(seconds * 24_000)) / 24_000
    words = np.clip(np.sin(2 * np.pi * 0.8 * t + 0.5), 0, None)
    soundfile.write(path, 0.4 * np.sin(2 * np.pi * 180 * t) * words, 24_000)
    return path


def _new(root: Path, name: str = "noah", **more: object) -> NewVoice:
    return new_voice(root, usable_settings(root), VoiceRequest(name=name, **more))  # type: ignore[arg-type]


def _codes(root: Path) -> list[str]:
    return [one.code for one in load_project(root).diagnostics]


def test_a_new_voice_renders_nothing_until_its_consent_is_filled_in(
    root: Path, tmp_path: Path
) -> None:
    assert _codes(root) == ["VP301", "VP301"]
    _sound(tmp_path / "Calm Voice.wav").with_suffix(".txt").write_text('Say "when",\nI said.')
    _sound(tmp_path / "angry.mp3")
    clips = (tmp_path / "Calm Voice.wav", tmp_path / "angry.mp3")
    made = _new(root, clips=clips, speakers=("captain",))
    assert made.files == (
        "voices/noah.yaml",
        "voices/noah/calm-voice.wav",
        "voices/noah/angry.mp3",
        "voices/cast.yaml",
    )
    assert [figures.duration_s for figures in made.clips] == pytest.approx([4.0, 4.0], abs=0.1)
    assert (root / "voices/noah/angry.mp3").read_bytes() == clips[1].read_bytes()
    assert set(_codes(root)) == {"VP304"}, "what is empty is asked for, and nothing else"
    path = root / "voices/noah.yaml"
    text = path.read_text("utf-8")
    assert 'transcript: "Say \\"when\\", I said."' in text
    for empty, filled in (
        ("transcript:  #", "transcript: Not now.  #"),
        ("kind: actor", "kind: synthetic"),
        ("who:", "who: nobody"),
        ("from:", "from: 2026-01-01"),
    ):
        text = text.replace(empty, filled, 1)
    path.write_text(text, "utf-8")
    catalog, problems = load_catalog(root, usable_settings(root))
    assert problems == ()
    voice = next(iter(catalog.voices.values()))
    assert [(clip.emotion, clip.transcript) for clip in voice.clips] == [
        ("neutral", 'Say "when", I said.'),
        ("angry", "Not now."),
    ]
    assert catalog.cast["captain"].voice == "noah"


def test_without_a_clip_a_place_is_kept_for_one(root: Path) -> None:
    assert _new(root).files == ("voices/noah.yaml",)
    assert "path:  # a recording" in (root / "voices/noah.yaml").read_text("utf-8")
    assert "VP304" in _codes(root)


def test_a_placeholder_is_complete(root: Path) -> None:
    _new(root, is_scratch=True)
    _new(root, "captain", is_scratch=True)
    assert _codes(root) == []


def test_clips_of_one_name_are_kept_apart_and_what_is_there_is_not_overwritten(
    root: Path, tmp_path: Path
) -> None:
    (root / "voices/noah").mkdir(parents=True)
    (root / "voices/noah/a.wav").write_bytes(b"mine")
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        _sound(tmp_path / folder / "a.wav")
    made = _new(root, clips=(tmp_path / "one/a.wav", tmp_path / "two/a.wav"))
    assert made.files[1:] == ("voices/noah/a-2.wav", "voices/noah/a-3.wav")
    assert (root / "voices/noah/a.wav").read_bytes() == b"mine"


def test_clips_are_checked(root: Path, tmp_path: Path) -> None:
    made = _new(root, clips=(_sound(tmp_path / "short.wav", 1.0),))
    assert [one.code for one in made.diagnostics] == ["VP321"]
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    with pytest.raises(EnvironmentFault, match="cannot be decoded"):
        _new(root, "ada", clips=(bad,))
    assert not (root / "voices/ada.yaml").exists()


def test_what_cannot_be_begun_is_refused_and_nothing_is_written(root: Path, tmp_path: Path) -> None:
    for name in ("../x", "Noah", "cast", ""):
        with pytest.raises(UsageError, match="cannot name a voice"):
            _new(root, name)
    with pytest.raises(UsageError, match="is not a language of the project"):
        _new(root, language="ko")
    with pytest.raises(UsageError, match="listens to no clip"):
        _new(root, clips=(tmp_path / "a.wav",), is_scratch=True)
    assert not (root / "voices").exists()
    (root / "elsewhere").mkdir()
    (root / "voices").symlink_to(root / "elsewhere")
    with pytest.raises(EnvironmentFault, match="link"):
        _new(root)
    assert not (root / "elsewhere/noah.yaml").exists()


@pytest.mark.parametrize(
    ("cast", "error"),
    [
        ("captain: ada\n", UsageError),
        ("{mate: ada}\n", EnvironmentFault),
        ("- ada\n", EnvironmentFault),
        ("mate: [\n", EnvironmentFault),
        ("\xff", InputError),
    ],
)
def test_a_cast_that_cannot_be_added_to_is_left_alone(
    root: Path, cast: str, error: type[Exception]
) -> None:
    (root / "voices").mkdir()
    path = root / "voices/cast.yaml"
    path.write_bytes(cast.encode("latin-1"))
    with pytest.raises(error):
        _new(root, speakers=("captain",))
    assert path.read_bytes() == cast.encode("latin-1")
    assert not (root / "voices/noah.yaml").exists()


def test_a_cast_keeps_what_a_person_wrote(root: Path) -> None:
    (root / "voices").mkdir()
    path = root / "voices/cast.yaml"
    path.write_text("# who is who\nmate: noah  # for now", "utf-8")
    _new(root, speakers=("captain", "noah", "captain"))
    assert path.read_text("utf-8") == "# who is who\nmate: noah  # for now\ncaptain: noah\n"
    with pytest.raises(UsageError, match="cannot be a speaker"):
        _new(root, "ada", speakers=("a: b",))
