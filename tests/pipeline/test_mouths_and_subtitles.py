"""From a published bank to times, mouths and subtitles: found once, written once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from stand_in_bank import VOICE, publish_stand_ins

from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.pipeline.clip_times import TIMES, TimedClip
from voicepipe.pipeline.mouth_files import export_mouths, find_times, preview_mouth
from voicepipe.pipeline.published import published_clips
from voicepipe.pipeline.selection import Selection
from voicepipe.pipeline.subtitle_files import captioned, export_subtitles, subtitle_path

SETTINGS = """\
bank: quay
languages: [en, ko]
audio: {sample_rate: 16000, bit_depth: 16}
subtitles: {gap_s: 0.5, languages: {en: {reading_speed: 60}}}
"""
SCRIPT = """\
scene: quay
speakers: {ann: {name: {en: Ann, ko: 앤}}}
nodes:
  night:
    - line: quay_0010
      who: ann
      text: {en: "Ask [say:shi-VAWN]Siobhan[/say] <b>now</b>.", ko: 누구야?}
    - {line: quay_0020, who: ann, text: {en: Nobody., ko: 아무도 없어.}}
    - goto: END
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "voices").mkdir()
    (tmp_path / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "scripts_in/quay.yaml").write_text(SCRIPT, "utf-8")
    (tmp_path / "voices/ann.yaml").write_text(VOICE.format(id="ann"), "utf-8")
    publish_stand_ins(tmp_path)
    return tmp_path


def ignore(_: TimedClip) -> None:
    """Nobody listens."""


def test_times_are_found_once_and_found_again_when_the_words_change(root: Path) -> None:
    first = find_times(published_clips(root), ignore)
    assert (first.n_clips, first.n_new) == (4, 4)
    assert find_times(published_clips(root), ignore).n_new == 0
    lexicon = "en:\n  Nobody: {arpabet: N OW1}\n"
    (root / "lexicon.yaml").write_text(lexicon, "utf-8")
    assert find_times(published_clips(root), ignore).n_new == 1
    keys = TakeStore(root / "out").annotations.keys()
    assert {key.split(".")[1] for key in keys} == {TIMES}


def test_a_guess_for_want_of_a_library_is_not_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "voicepipe.lipsync.aligner", None)
        report = find_times(published_clips(root), ignore)
        assert {one.why for one in report.estimated if one.language == "en"} == {
            "voicepipe.lipsync.aligner is not installed"
        }
    again = find_times(published_clips(root), ignore)
    assert again.n_new == 2  # English; what is known of Korean stays


def test_mouths_are_written_once_and_only_below_the_folder(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in the game" / "口"
    clips = published_clips(root)
    report = export_mouths(clips, ["rhubarb", "vrm"], folder, ignore)
    assert (report.n_written, report.n_unchanged) == (12, 0)
    assert (folder / "rhubarb/ko/quay/quay_0010.tsv").is_file()
    again = export_mouths(clips, ["rhubarb", "vrm"], folder, ignore)
    assert (again.n_written, again.n_unchanged) == (0, 12)


def test_nothing_is_written_through_a_link(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "game").mkdir()
    (tmp_path / "game/rhubarb").symlink_to(elsewhere)
    with pytest.raises(EnvironmentFault, match="is a link"):
        export_mouths(published_clips(root), ["rhubarb"], tmp_path / "game", ignore)
    assert not list(elsewhere.iterdir())


def test_a_picture_is_drawn_of_one_clip(root: Path) -> None:
    clips = published_clips(root, Selection(lines=frozenset({"quay_0020"})))
    assert "quay_0020 (en) ann" in preview_mouth(clips, clips.entries[0])


def test_unknown_mouths_and_forms_are_refused(root: Path, tmp_path: Path) -> None:
    clips = published_clips(root)
    with pytest.raises(UsageError, match='no mouths "rubarb" — did you mean "rhubarb"'):
        export_mouths(clips, ["rubarb"], tmp_path, ignore)
    for forms, unit in ((["ass"], "line"), (["vtt"], "node"), (["words"], "scene")):
        with pytest.raises(UsageError):
            export_subtitles(clips, tmp_path, forms, unit, ignore)


def test_subtitles_show_what_is_written_and_names_as_players_read_them(root: Path) -> None:
    captions = {
        (one.entry.line, one.entry.language): one.captions
        for one in captioned(published_clips(root), ignore)
    }
    assert captions["quay_0010", "en"][0].lines == ("Ask Siobhan <b>now</b>.",)
    assert captions["quay_0010", "ko"][0].speaker == "앤"


def test_lines_and_scenes_are_written(root: Path, tmp_path: Path) -> None:
    clips = published_clips(root)
    folder = tmp_path / "subs"
    report = export_subtitles(clips, folder, ["vtt", "srt", "words"], "line", ignore)
    assert report.n_written == 12
    vtt = (folder / "en/quay/quay_0010.vtt").read_text("utf-8")
    assert "<v Ann>Ask Siobhan &lt;b&gt;now&lt;/b&gt;.</v>" in vtt
    assert "Ann: Ask Siobhan now." in (folder / "en/quay/quay_0010.srt").read_text("utf-8")
    export_subtitles(clips, folder, ["vtt"], "scene", ignore)
    scene = (folder / "en/quay.vtt").read_text("utf-8")
    assert scene.index("quay_0010") < scene.index("quay_0020")


def test_a_path_lays_its_clips_one_after_another(root: Path) -> None:
    clips = published_clips(root, Selection(languages=frozenset({"en"})))
    path, missing = subtitle_path(clips, ["quay_0020", "quay_0010", "quay_0099"], ignore)
    assert missing == ("quay_0099",)
    first, second = path.lines
    assert (first.line, second.line) == ("quay_0020", "quay_0010")
    assert second.start_s == pytest.approx(first.end_s + 0.5, abs=0.002)
    assert path.captions[1].start_s == pytest.approx(second.start_s, abs=0.002)
    assert path.captions[0].end_s <= path.captions[1].start_s
