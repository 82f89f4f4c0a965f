"""The page of a review in a real browser: opened from disk, filtered, heard, decided on."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hostile_story import RTL, SCRIPT, STYLE, run

from voicepipe.bank.take_store import TakeStore
from voicepipe.pipeline.production import read_production
from voicepipe.qc.findings import Fault, Findings
from voicepipe.qc.stored_findings import StoredFindings
from voicepipe.qc.verdicts import Examined

if TYPE_CHECKING:
    from pathlib import Path

    from browser_tool import BrowserTool, Watched
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def folder(rendered_story: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the whole bank."""
    folder = tmp_path_factory.mktemp("page") / "review"
    assert run(rendered_story, "review", "-o", str(folder)) == 0
    return folder


@pytest.fixture
def review(folder: Path, browser: BrowserTool) -> Watched:
    watched = browser.open(folder / "index.html")
    watched.page.wait_for_selector(".row")
    return watched


def _rows(page: Page) -> list[str]:
    return page.locator(".row .id").all_inner_texts()


def _choose(page: Page, line: str, language: str = "en") -> None:
    page.select_option("#filter-language", language)
    page.locator(".row", has_text=line).click()


def test_every_text_stays_text_and_no_request_leaves_the_page(review: Watched) -> None:
    page = review.page
    page.select_option("#filter-language", "en")
    shown = page.locator(".row .text").all_text_contents()
    assert {SCRIPT, STYLE, RTL} <= set(shown)
    for line in ("quay_0020", "quay_0030", "quay_0050"):
        page.locator(".row", has_text=line).click()
    assert page.locator(".say").text_content() == RTL
    assert page.locator(".say").get_attribute("dir") == "auto"
    assert page.locator(".row .who").all_text_contents().count("Ann <b>") == 3
    assert page.locator("img").count() == 0
    assert page.title() == "Review · quay v0002"
    review.require_clean()


def test_filters_search_and_sorting_choose_the_lines(review: Watched) -> None:
    page = review.page
    assert len(_rows(page)) == 10
    page.select_option("#filter-character", "ben")
    page.select_option("#filter-language", "de")
    assert _rows(page) == ["quay_0020", "quay_0050"]
    page.click("#reset")
    page.fill("#search", "who goes")
    assert _rows(page) == ["quay_0010"]
    page.click("#reset")
    page.select_option("#sort", "longest")
    assert _rows(page)[0] == "quay_0030"
    page.select_option("#filter-verdict", "not judged")
    assert len(_rows(page)) == 10, "what nobody listened to is shown as such"
    review.require_clean()


def test_a_sound_plays_and_is_drawn_and_its_earlier_take_beside_it(review: Watched) -> None:
    page = review.page
    _choose(page, "quay_0010")
    page.keyboard.press("Space")
    review.until("document.getElementById('audio').currentTime > 0.1")
    drawn = (
        "[...document.querySelector('.spectrogram').getContext('2d')"
        ".getImageData(0, 0, 300, 50).data].some((value, at) => at % 4 < 3 && value > 60)"
    )
    review.until(drawn)
    takes = page.locator(".takes button")
    assert takes.count() == 2
    assert "v0001" in takes.nth(1).inner_text()
    page.keyboard.press("b")
    assert takes.nth(1).get_attribute("aria-pressed") == "true"
    review.until("!document.getElementById('audio').paused")
    volume = page.evaluate("document.getElementById('audio').volume")
    loudness = page.evaluate(
        "(() => { const c = voicepipeReview.list.card;"
        " return [c.earlier[0].lufs, Math.min(c.sound.lufs, c.earlier[0].lufs)]; })()"
    )
    assert volume == pytest.approx(10 ** ((loudness[1] - loudness[0]) / 20), abs=1e-6)
    review.require_clean()


def test_decisions_made_by_keys_are_saved_and_applied(review: Watched, story: Path) -> None:
    page = review.page
    page.uncheck("#onward")
    _choose(page, "quay_0010")
    page.focus("#list")
    page.keyboard.press("a")
    page.keyboard.press("p")
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.fill("#ask-words", 'says "<script>", too fast')
    page.click("#ask-yes")
    page.focus("#list")
    page.keyboard.press("j")
    page.keyboard.press("t")
    page.keyboard.press("n")
    page.fill("#ask-words", "softer")
    page.click("#ask-yes")
    assert page.inner_text("#progress-text") == "3 of 5 reviewed"
    with page.expect_download() as saving:
        page.click("#save")
    saved = story / saving.value.suggested_filename
    saving.value.save_as(saved)
    assert saved.name == "review-quay-v0002.json"
    assert run(story, "review", "apply", str(saved)) == 0
    states = {one.key: one.state for one in read_production(story).produced}
    first, second, third = (states[f"quay_00{n}0", "en"] for n in (1, 2, 3))
    assert first.status.value == "approved"
    assert first.is_pinned
    assert second.rejected
    assert second.assessment is not None
    assert second.assessment.words == 'says "<script>", too fast'
    assert (third.asked_take, third.note) == (2, "softer")
    page.reload()
    page.wait_for_selector(".row")
    assert "Save decisions (3)" in page.inner_text("#save"), "the browser remembers"
    review.require_clean()


def _plant(story: Path, line: str, *faults: Fault) -> None:
    """Keep findings of a clip, as a recogniser would."""
    one = next(o for o in read_production(story).produced if o.key == (line, "en"))
    assert one.entry is not None
    findings = Findings(
        scores={"word_error": 0.5}, faults=faults, heard="𠮷 Who <i>comes</i>?" if faults else ""
    )
    examined = Examined(analyser="intelligibility", revision="r1", findings=findings)
    kept = StoredFindings(TakeStore(story / "out"), one.entry.clip_key)
    kept.keep([examined], voice=one.entry.voice)


def test_what_was_found_is_shown_worst_first_with_the_words_marked(
    story: Path, browser: BrowserTool
) -> None:
    wrong = Fault(
        reason="wrong_words",
        value=1.0,
        start_s=0.2,
        end_s=0.4,
        expected="goes",
        heard="comes",
        places=((4, 8),),
        heard_places=((9, 14),),
    )
    missing = Fault(reason="missing_words", value=4.0, places=((0, 3),))
    slight = Fault(reason="added_words", value=1.0, places=((0, 0),), heard_places=((0, 1),))
    _plant(story, "quay_0010", wrong, missing, slight)
    _plant(story, "quay_0040")
    assert run(story, "review", "-o", str(story / "review")) == 0
    watched = browser.open(story / "review" / "index.html")
    page = watched.page
    assert _rows(page)[0] == "quay_0010"
    assert page.locator(".row").first.locator(".tag").all_inner_texts() == ["failed"]
    assert page.locator(".say mark").all_text_contents() == ["Who", "goes"]
    assert page.get_attribute(".say mark.wrong_words", "title") == "other words: heard “comes”"
    assert page.text_content(".say") == "𠮷Who goes?"
    assert page.text_content(".say ins.slight") == "𠮷", "what was added stands where it was"
    assert page.locator(".heard mark").all_text_contents() == ["𠮷", "comes"]
    assert "heard: 𠮷 Who <i>comes</i>?" in page.inner_text(".heard")
    assert page.locator(".fault-span").count() == 1
    assert "should be “goes”, heard “comes”, 0.20–0.40 s" in page.inner_text(".faults")
    assert "word error 0.5" in page.inner_text(".facts")
    page.locator(".row", has_text="quay_0040").first.click()
    assert page.locator(".say mark").count() == 0
    assert "speaker: it has not listened to this clip" in page.inner_text("#detail")
    watched.require_clean()


def test_a_review_that_was_decided_on_is_shown_so_and_undone(
    story: Path, browser: BrowserTool
) -> None:
    assert run(story, "decide", "reject", "quay_0010", "--reason", "cut off", "--lang", "en") == 0
    assert run(story, "review", "-o", str(story / "review")) == 0
    watched = browser.open(story / "review" / "index.html", dark=True)
    page = watched.page
    page.select_option("#filter-review", "rejected")
    assert _rows(page) == ["quay_0010"]
    assert "rejected: cut off" in page.inner_text(".said")
    page.keyboard.press("a")
    assert page.locator(".decide .approve").get_attribute("aria-pressed") == "true"
    page.keyboard.press("u")
    assert page.locator(".decide .reject").get_attribute("aria-pressed") == "true"
    watched.require_clean()


def test_help_and_every_control_have_names_and_the_keyboard_reaches_them(review: Watched) -> None:
    page = review.page
    page.keyboard.press("?")
    assert page.locator("dialog[open] h2").inner_text() == "Keys"
    page.keyboard.press("Escape")
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, select, input, textarea, [role=listbox]')]"
        ".filter((one) => !(one.textContent.trim() || one.getAttribute('aria-label')"
        " || one.closest('label'))).map((one) => one.outerHTML)"
    )
    assert nameless == []
    reached = set()
    for _ in range(45):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"search", "filter-verdict", "sort", "list", "help-button"} <= reached
    review.require_clean()


def test_ten_thousand_lines_stay_usable(folder: Path, tmp_path: Path, browser: BrowserTool) -> None:
    """As many rows as fit are in the document; choosing and filtering take no time to wait for."""
    folder = shutil.copytree(folder, tmp_path / "many")
    whole = (folder / "data" / "cards.js").read_text("utf-8")
    call = "voicepipeReview.takeCards("
    cards: list[dict[str, Any]] = json.loads(whole[len(call) : -len(");\n")])
    many = [
        {**cards[n % 10], "line": f"line_{n:05d}", "base": f"line_{n:05d}", "scene": f"s{n % 40}"}
        for n in range(10_000)
    ]
    (folder / "data" / "cards.js").write_text(f"{call}{json.dumps(many)});\n", "utf-8")
    watched = browser.open(folder / "index.html")
    page = watched.page
    page.wait_for_selector(".row")
    assert page.locator(".row").count() < 60
    assert page.inner_text("#progress-text") == "0 of 10000 reviewed"
    spent = page.evaluate(
        "(() => { const begun = performance.now(); const R = voicepipeReview;"
        " for (let n = 0; n < 20; n += 1) R.list.choose(n * 400);"
        " R.setFilter('search', 'line_09'); R.list.reload(null);"
        " return performance.now() - begun; })()"
    )
    assert spent < 3000, f"20 choices and a search took {spent:.0f} ms"
    assert _rows(page)[0] == "line_09000"
    page.evaluate("document.getElementById('list').scrollTop = 60 * 990")
    page.wait_for_selector("text=line_09999")
    watched.require_clean()
