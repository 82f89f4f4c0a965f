"""A story played in a real browser: choices, conditions, languages, missing lines, coverage."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from hostile_story import RTL, STYLE, run

if TYPE_CHECKING:
    from pathlib import Path

    from browser_tool import BrowserTool, Watched
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def folder(rendered_story: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story without a clip of one line in German, sent elsewhere."""
    written = tmp_path_factory.mktemp("sent") / "play"
    story = shutil.copytree(rendered_story, written.parent / "quay")
    script = story / "scripts_in" / "quay.yaml"
    text = script.read_text("utf-8")
    fresh = "    - {line: quay_0012, who: ben, text: {en: Just me., de: Nur ich.}}\n"
    at = text.index("    - line: quay_0020")
    script.write_text(text[:at] + fresh + text[at:], "utf-8")
    assert run(story, "render", "--lang", "en", "--qc", "off") == 0
    assert run(story, "play", "-o", str(written)) == 0
    shutil.rmtree(story)
    return written


@pytest.fixture
def played(folder: Path, browser: BrowserTool) -> Watched:
    watched = browser.open(folder / "index.html")
    watched.page.wait_for_selector("#begin")
    return watched


REVOKED = "from: 2020-01-01, revoked: 2024-01-01"


def _to_choice(page: Page) -> None:
    for _ in range(20):
        if page.locator("#choices button").count():
            return
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    raise AssertionError("no choice came")


def test_the_story_plays_by_itself_and_every_text_stays_text(played: Watched) -> None:
    page = played.page
    page.click("#begin")
    assert page.text_content("#now .say") == "Who goes?"
    assert page.text_content("#now .who") == "Ann <b>"
    page.wait_for_selector("#now:has-text('Just me.')", timeout=10_000)
    assert "1 of 6 lines heard (en)" in page.inner_text("#cover-lines")
    _to_choice(page)
    options = page.locator("#choices button span").all_text_contents()
    assert options == ["Trust him", "Leave </script>"], "the third asks for more trust"
    page.keyboard.press("1")
    assert page.text_content("#now .say") == STYLE
    assert page.inner_text("#variables") == "trust\n2\nmet\ntrue"
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("text=The end")
    assert "Not heard." not in page.inner_text("#log")
    assert page.title() == "quay"
    assert page.locator(".mouth").count() == 0, "nobody asked for mouths"
    assert page.locator("img").count() == 0
    played.require_clean()


def test_going_back_takes_the_other_way_with_the_variables_as_they_were(played: Watched) -> None:
    page = played.page
    page.click("#begin")
    _to_choice(page)
    page.keyboard.press("1")
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#variables") == "trust\n1\nmet\nfalse"
    assert page.locator("#choices .taken").count() == 1
    page.keyboard.press("2")
    assert page.text_content("#now .say") == RTL
    assert page.locator("#now .say").get_attribute("dir") == "auto"
    played.require_clean()


def test_languages_switch_and_missing_lines_are_named(played: Watched) -> None:
    page = played.page
    page.select_option("#voices", "de")
    assert "1 lines have no clip in de" in page.inner_text("#cover-missing")
    page.click("#begin")
    assert page.text_content("#now .say") == "Wer da?"
    page.select_option("#subtitles", "en")
    assert page.text_content("#now .say") == "Who goes?"
    page.keyboard.press("ArrowRight")
    assert page.text_content("#now .none") == "no clip: quay_0012 (de)"
    page.wait_for_selector("#now:has-text('script')", timeout=10_000)
    played.require_clean()


def test_coverage_is_remembered_and_saved(played: Watched, tmp_path: Path) -> None:
    page = played.page
    page.click("#begin")
    played.until("document.getElementById('cover-lines').textContent.startsWith('1 of 6')")
    page.reload()
    assert "1 of 6 lines heard" in page.inner_text("#cover-lines")
    with page.expect_download() as saving:
        page.click("#cover-save")
    saving.value.save_as(tmp_path / "coverage.json")
    saved = json.loads((tmp_path / "coverage.json").read_text("utf-8"))
    assert (saved["lines"], saved["heard"], saved["language"]) == (6, 1, "en")
    assert "quay_0010" not in saved["never_heard"]
    page.click("#cover-list")
    assert STYLE in (page.text_content("#unheard-list") or "")
    page.keyboard.press("Escape")
    page.click("#cover-forget")
    assert "0 of 6 lines heard" in page.inner_text("#cover-lines")
    played.require_clean()


def test_a_mouth_moves_as_a_line_sounds(story: Path, browser: BrowserTool, tmp_path: Path) -> None:
    assert run(story, "play", "-o", str(tmp_path / "play"), "--mouths") == 0
    assert run(story, "lipsync", "export", "--set", "rhubarb", "--to", str(tmp_path / "cues")) == 0
    cues = json.loads((tmp_path / "cues/rhubarb/en/quay/quay_0010.json").read_text("utf-8"))
    watched = browser.open(tmp_path / "play" / "index.html")
    page = watched.page
    page.click("#begin")
    drawn = page.locator("#now .mouth")
    assert drawn.count() == 1
    told = page.evaluate("voicepipeMouths.cuesOf(voicepipePlay.mouthOf('quay_0010', 'en'))")
    assert told == [[cue["start"], cue["value"]] for cue in cues["mouthCues"]]
    for cue in cues["mouthCues"]:
        middle = (cue["start"] + cue["end"]) / 2
        asked = f"voicepipeMouths.shapeAt({json.dumps(told)}, {middle})"
        assert page.evaluate(asked) == cue["value"]
    watched.until(
        "!['X', undefined].includes(document.querySelector('#now .mouth')?.dataset.shape)"
    )
    shown = page.evaluate(
        "[...document.querySelectorAll('#now .mouth g')].filter((one) =>"
        " getComputedStyle(one).display !== 'none').length"
    )
    assert shown == 1
    watched.require_clean()


def test_a_revoked_voice_is_left_out_of_what_is_sent(story: Path, tmp_path: Path) -> None:
    voice = story / "voices" / "ben.yaml"
    voice.write_text(voice.read_text("utf-8").replace("from: 2020-01-01", REVOKED))
    assert run(story, "play", "-o", str(tmp_path / "play")) == 0
    assert run(story, "review", "-o", str(tmp_path / "review")) == 0
    assert len(list((tmp_path / "play" / "sounds").iterdir())) == 6
    assert len(list((tmp_path / "review" / "sounds").iterdir())) == 7, "and an earlier one"
