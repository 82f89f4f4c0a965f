"""Captions: within their clip, apart, at the moments their words are heard; and as files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicepipe.diagnostics import SourceSpan
from voicepipe.hashing import sha256_of_bytes
from voicepipe.lipsync.timing import ALIGNED, ClipTiming, WordSpan
from voicepipe.subtitles.captions import Caption, captions_of, lengthened, shifted
from voicepipe.subtitles.checks import caption_findings
from voicepipe.subtitles.rules import reading_rules
from voicepipe.subtitles.writing import CAPTIONS_REVISION, write_srt, write_vtt, write_words

LONG = (
    "This is Mara's daughter. Six years old. The day they boarded she counted all the windows, "
    "and then she counted them again."
)
EN = reading_rules("en")


def timing_of(text: str, *, language: str = "en", word_s: float = 0.25) -> ClipTiming:
    """Every word takes as long, and one begins where the one before ends."""
    words = tuple(
        WordSpan(
            text=match[0],
            start=match.start(),
            end=match.end(),
            start_s=round(number * word_s + 0.1, 4),
            end_s=round((number + 1) * word_s + 0.1, 4),
        )
        for number, match in enumerate(re.finditer(r"\S+", text))
    )
    return ClipTiming(
        method=ALIGNED,
        language=language,
        text=text,
        duration_s=round(len(words) * word_s + 0.3, 4),
        phonemes=(),
        words=words,
    )


def test_a_short_line_is_one_caption_as_long_as_its_clip() -> None:
    timing = timing_of("We are here.")
    (caption,) = captions_of(timing, EN, speaker="Noah", line="a_0010")
    assert (caption.start_s, caption.end_s) == (0, timing.duration_s)
    assert caption.lines == ("We are here.",)


def test_a_long_line_is_cut_at_sentences_and_shown_as_its_words_are_heard() -> None:
    timing = timing_of(LONG)
    captions = captions_of(timing, EN)
    assert [caption.text for caption in captions] == [
        "This is Mara's daughter. Six years old.",
        "The day they boarded she counted all the windows, and then she counted them again.",
    ]
    the = next(word for word in timing.words if word.text == "The")
    assert captions[0].end_s == captions[1].start_s == the.start_s
    assert max(len(caption.lines) for caption in captions) <= EN.max_lines


def test_nothing_to_read_is_no_caption() -> None:
    assert captions_of(timing_of("  "), EN) == ()


@given(st.lists(st.text("abc,.!", min_size=1, max_size=12), max_size=60).map(" ".join))
def test_captions_lie_in_their_clip_apart_and_hold_all_the_text(text: str) -> None:
    timing = timing_of(text)
    captions = captions_of(timing, EN)
    before = 0.0
    for caption in captions:
        assert before <= caption.start_s <= caption.end_s <= timing.duration_s
        assert 1 <= len(caption.lines) <= EN.max_lines
        before = caption.end_s
    assert " ".join(caption.text for caption in captions).split() == text.split()


def test_short_captions_stay_as_long_as_the_next_one_lets_them() -> None:
    one = Caption(start_s=0.0, end_s=0.3, lines=("No.",))
    captions = lengthened([one, *shifted([one], 0.5)], 0.8)
    assert [(caption.start_s, caption.end_s) for caption in captions] == [(0, 0.5), (0.5, 1.3)]


def test_fast_and_wide_captions_are_named_with_their_place() -> None:
    span = SourceSpan(path="scripts_in/a.yaml", line=3, column=9)
    fast = captions_of(timing_of("Unbelievably extraordinary happenings", word_s=0.3), EN)
    wide = captions_of(timing_of("x" * 50, word_s=9), EN)
    found = [
        finding
        for captions in (fast, wide)
        for finding in caption_findings(captions, EN, name="a (en)", span=span, room_s=0.8)
    ]
    assert [finding.code for finding in found] == ["VP760", "VP761"]
    assert "the limit is 20" in found[0].message
    assert all(finding.span == span for finding in found)


HOSTILE = (
    Caption(
        start_s=0.0,
        end_s=1.5,
        lines=("<b>bold</b> & {\\an8}--> 3 < 4", "second\x00line"),
        speaker="No<ah> & Co",
        line="a_0010",
    ),
    Caption(start_s=3_661.5, end_s=3_662.25, lines=("我们到了。",), speaker="诺亚", line="a_0020"),
)


def test_vtt_escapes_what_players_would_take_for_markup() -> None:
    text = write_vtt(HOSTILE)
    assert text.startswith("WEBVTT\n\na_0010\n00:00:00.000 --> 00:00:01.500\n<v No&lt;ah &amp; Co>")
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; {\\an8}--&gt; 3 &lt; 4\nsecond line</v>" in text
    assert "01:01:01.500 --> 01:01:02.250\n<v 诺亚>我们到了。</v>" in text


def test_srt_takes_markup_out_and_names_speakers_when_asked() -> None:
    assert write_srt(HOSTILE[:1]) == (
        "1\n00:00:00,000 --> 00:00:01,500\nbold & → 3 < 4\nsecond line\n"
    )
    assert "\n诺亚: 我们到了。\n" in write_srt(HOSTILE, names=True)


@pytest.mark.parametrize("form", ["vtt", "srt"])
def test_another_parser_reads_the_same_times_and_words(form: str) -> None:
    captions = [replace(caption, speaker="") for caption in captions_of(timing_of(LONG), EN)]
    text = write_vtt(captions) if form == "vtt" else write_srt(captions)
    read = pysubs2.SSAFile.from_string(text, format_=form)
    assert [(e.start, e.end) for e in read] == [
        (round(1000 * c.start_s), round(1000 * c.end_s)) for c in captions
    ]
    assert [e.plaintext.split("\n") for e in read] == [list(c.lines) for c in captions]


@pytest.mark.parametrize("form", ["vtt", "srt"])
def test_ffmpeg_reads_them_without_complaint(form: str, tmp_path: Path) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed here")
    path = tmp_path / f"captions.{form}"
    path.write_text(write_vtt(HOSTILE) if form == "vtt" else write_srt(HOSTILE), "utf-8")
    command = [program, "-v", "error", "-xerror", "-i", str(path), "-f", "srt", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "01:01:01,500 --> 01:01:02,250" in done.stdout


def test_words_have_their_times_and_places() -> None:
    timing = timing_of("We are here.")
    document = json.loads(write_words(timing, line="a_0010", speaker="Noah"))
    assert document["text"] == "We are here."
    assert [document["text"][w["start"] : w["end"]] for w in document["words"]] == [
        "We",
        "are",
        "here.",
    ]
    assert document["words"][0]["start_s"] == 0.1


HASHES = {1: "02a48bdc1b755f204ecadbe364f3371a1af5574a18a446f196ebab28ba61aeb7"}
"""Revision -> hash of what is written of the same captions."""


def test_captions_that_are_written_otherwise_have_another_revision() -> None:
    # Exports keep captions as long as times, rules, names and this revision are the same.
    captions = (*HOSTILE, *captions_of(timing_of(LONG), EN, speaker="Noah", line="a_0010"))
    content = write_vtt(captions) + write_srt(captions, names=True)
    assert HASHES[CAPTIONS_REVISION] == sha256_of_bytes(content.encode())
