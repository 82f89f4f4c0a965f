"""Inline tags and variables: taken out of texts, and mistakes in them pointed at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.inline_tags import parse_inline_tags, plain_text, tag_places
from voicepipe.screenplay.line import Segment, spoken_stretches
from voicepipe.screenplay.placeholders import (
    VariableUse,
    placeholder_problems,
    substitute,
    variables_in,
)


def span_of(raw: str) -> SourceSpan:
    return SourceSpan(path="a.yaml", line=3, column=10, length=len(raw))


def segments(raw: str) -> tuple[Segment, ...]:
    found, problems = parse_inline_tags(raw, span_of(raw))
    assert not problems, problems
    return found


def mistakes(raw: str) -> list[tuple[str, int, int]]:
    _, problems = parse_inline_tags(raw, span_of(raw))
    return [(p.code, p.span.column - 10, p.span.length) for p in problems]


def test_a_text_without_marks_is_one_segment() -> None:
    assert segments("You again.") == (Segment(text="You again."),)
    assert segments("") == ()
    assert segments("  ") == ()


@pytest.mark.parametrize(
    "raw",
    [
        "[laughing] Well.",
        "He said [sic] it.",
        "[sounds] x",
        "[laugh]",
        "[laughs: loud]",
        "[note: low]",
        "【旁白】好",
        "a [1] b",
        "[",
        "][",
    ],
)
def test_anything_else_in_brackets_is_text(raw: str) -> None:
    assert segments(raw) == (Segment(text=raw),)


def test_pauses_end_segments_and_add_up() -> None:
    assert segments("[pause:400ms]Go.[pause:1.2s] [pause:300ms]Now.[pause:1s]") == (
        Segment(text="", pause_after_ms=400),
        Segment(text="Go. ", pause_after_ms=1500),
        Segment(text="Now.", pause_after_ms=1000),
    )


def test_a_kind_holds_until_the_next_of_its_kind() -> None:
    found = segments("A[emotion:sad]B[speed:0.9]C[pitch:+2st]D[emotion:calm]E[pitch:-1.5st]F")
    assert [(s.text, s.emotion, s.speed, s.pitch_semitones) for s in found] == [
        ("A", "", 1.0, 0.0),
        ("B", "sad", 1.0, 0.0),
        ("C", "sad", 0.9, 0.0),
        ("D", "sad", 0.9, 2.0),
        ("E", "calm", 0.9, 2.0),
        ("F", "calm", 0.9, -1.5),
    ]


def test_energy_and_range_hold_and_stress_is_about_the_words_it_encloses() -> None:
    found = segments("A[energy:+3dB]B [stress]C[/stress] D[range:1.4]E[energy:-2.5dB]F")
    assert [(s.text, s.energy_db, s.range, s.is_stressed) for s in found] == [
        ("A", 0.0, 1.0, False),
        ("B ", 3.0, 1.0, False),
        ("C", 3.0, 1.0, True),
        (" D", 3.0, 1.0, False),
        ("E", 3.0, 1.4, False),
        ("F", -2.5, 1.4, False),
    ]
    assert plain_text(found) == "AB C DEF"


def test_a_stressed_word_is_read_with_those_around_it_and_keeps_its_respelling() -> None:
    read = spoken_stretches(segments("He [stress]was[/stress] there."))
    assert read == (("He was there.", None),)
    respelled = segments("Not [stress][say:MAH-ree-oh]Mario[/say][/stress]!")
    assert spoken_stretches(respelled) == (("Not ", None), ("Mario", "MAH-ree-oh"), ("!", None))
    assert [one.is_stressed for one in respelled] == [False, True, False]
    assert spoken_stretches(segments("a[emotion:sad]b")) == (("a", None), ("b", None))


def test_demanding_tags_are_found_where_they_stand_first() -> None:
    raw = "It [stress]was[/stress] [pause:1s][range:2]so, [stress]yes[/stress]."
    places = tag_places(raw, span_of(raw))
    assert {name: (span.column - 10, span.length) for name, span in places.items()} == {
        "stress": (3, 8),
        "range": (34, 9),
    }
    assert tag_places("[energy:+3dB]A", span_of("x")) == {}


def test_sounds_stand_between_words_and_never_are_any() -> None:
    found = segments("Well. [laughs] You[pause:200ms][energy:-6dB][sound:coughs][pause:1s] go.")
    assert [(s.text, s.sound, s.energy_db, s.pause_after_ms) for s in found] == [
        ("Well. ", "", 0.0, 0),
        ("", "laughs", 0.0, 0),
        (" You", "", 0.0, 200),
        ("", "coughs", -6.0, 1000),
        (" go.", "", -6.0, 0),
    ]
    assert plain_text(found) == "Well. You go."
    raw = "[sighs] No. [sound:coughs]"
    assert {name: s.column - 10 for name, s in tag_places(raw, span_of(raw)).items()} == {
        "sound:sighs": 0,
        "sound:coughs": 12,
    }


def test_say_replaces_what_is_spoken_not_what_is_shown() -> None:
    found = segments("It is [say:MAH-ree-oh]Mario[/say]!")
    assert [(s.text, s.say) for s in found] == [
        ("It is ", None),
        ("Mario", "MAH-ree-oh"),
        ("!", None),
    ]
    assert plain_text(found) == "It is Mario!"


def test_subtitles_have_neither_marks_nor_the_double_space_they_leave() -> None:
    assert plain_text(segments("Wait… [pause:400ms] go [emotion:sad]on.")) == "Wait… go on."
    assert plain_text(()) == ""


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("[emtion:sad]x", "VP131"),
        ("[Pause:1s]x", "VP131"),
        ("[puase:1s]", "VP131"),
        ("[/emtion]x", "VP131"),
        ("[pause:abc]", "VP132"),
        ("[pause:]", "VP132"),
        ("[pause]", "VP132"),
        ("[pause:0ms]", "VP132"),
        ("[pause:11s]", "VP132"),
        ("[pause:400]", "VP132"),
        ("[pause：400ms]", "VP132"),
        ("［pause:400ms］", "VP132"),
        ("[ pause:400ms]", "VP132"),
        ("[speed:3]x", "VP132"),
        ("[speed:fast]x", "VP132"),
        ("[pitch:2]x", "VP132"),
        ("[pitch:+13st]x", "VP132"),
        ("[emotion:So Sad]x", "VP132"),
        ("[say:a]b", "VP132"),
        ("[say:a][/say]", "VP132"),
        ("[/say]b", "VP132"),
        ("[/pause]b", "VP132"),
        ("[energy:3]b", "VP132"),
        ("[energy:+7dB]b", "VP132"),
        ("[energi:+3dB]b", "VP131"),
        ("[range:4]b", "VP132"),
        ("[range:+10%]b", "VP132"),
        ("[rnage:1.4]b", "VP131"),
        ("[stress:2]b", "VP132"),
        ("[Laughs] b", "VP131"),
        ("［sighs］ b", "VP131"),
        ("[sound] b", "VP132"),
        ("[sound:A b] c", "VP132"),
        ("[stress]b", "VP132"),
        ("[/stress]b", "VP132"),
    ],
)
def test_a_misspelt_or_malformed_mark_is_pointed_at(raw: str, code: str) -> None:
    ends = max(raw.find("]"), raw.find("］")) + 1
    length = len("[say:a]") if raw == "[say:a][/say]" else ends
    assert mistakes("舰 " + raw) == [(code, 2, length)]


@pytest.mark.parametrize(
    "raw",
    [
        "Wait [pause 400ms] here",
        "[pause=400ms]",
        "[PAUSE 1.5 s]",
        "[pause-400ms]",
        "[emotion=sad] No",
        "[emotion sad] No",
        "[speed 0.9]",
        "[pitch +2st]",
        "[say MAH-ree-oh]Mario",
        "[say=MAH-ree-oh]Mario",
        "[puase 400ms]",
        "［pause 400ms］",
        "[emotion＝sad]",
    ],
)
def test_a_mark_without_its_colon_is_pointed_at_and_not_read_aloud(raw: str) -> None:
    segments, problems = parse_inline_tags(raw, span_of(raw))
    assert [p.code for p in problems if p.code in ("VP131", "VP132")]
    spoken = "".join(segment.text for segment in segments)
    assert "[" not in spoken
    assert "［" not in spoken


@pytest.mark.parametrize(
    "raw",
    [
        "[say no more]",
        "[pause here]",
        "[speed dating, 9 pm]",
        "[emotion of a kind]",
        "[a=b]",
        "[stage: left]",
        "[change: of plan]",
        "[stress test]",
        "[address: 5 Quay]",
    ],
)
def test_ordinary_words_in_brackets_stay_text(raw: str) -> None:
    segments, problems = parse_inline_tags(raw, span_of(raw))
    assert not problems
    assert segments[0].text == raw


def test_a_stress_inside_a_stress_and_one_without_words_are_pointed_at() -> None:
    assert mistakes("[stress]a [stress]b[/stress]") == [("VP132", 10, 8)]
    assert mistakes("a[stress] [/stress]b") == [("VP132", 1, 8)]
    assert mistakes("[say:a]b[stress]c[/stress][/say]") == [("VP132", 8, 8), ("VP132", 17, 9)]


def test_a_mark_inside_say_is_pointed_at() -> None:
    assert mistakes("[say:a]b[pause:1s]c[/say]") == [("VP132", 8, 10)]


def test_a_faulty_mark_is_left_out_and_the_rest_still_read() -> None:
    found, problems = parse_inline_tags("A[pause:x]B[pause:1s]C", span_of("A[pause:x]B[pause:1s]C"))
    assert len(problems) == 1
    assert [(s.text, s.pause_after_ms) for s in found] == [("AB", 1000), ("C", 0)]


def test_in_a_text_whose_places_have_shifted_the_whole_text_is_pointed_at() -> None:
    span = SourceSpan(path="a.yaml", line=3, column=10, length=99)
    _, (problem,) = parse_inline_tags("A[pause:x]", span)
    assert problem.span == span


@given(
    st.text(alphabet=st.sampled_from(list("[]:/ ［］：sayemotionpusdchrgBl019.+-")), max_size=40)
)
def test_no_text_makes_the_reader_raise_or_lose_words(raw: str) -> None:
    found, _ = parse_inline_tags(raw, span_of(raw))
    if "[" not in raw and "［" not in raw:
        assert "".join(s.text for s in found).strip() == raw.strip()
    for segment in found:
        assert segment.pause_after_ms >= 0
        assert 0.5 <= segment.speed <= 2.0


def test_a_text_of_a_million_brackets_is_read_quickly() -> None:
    raw = "[pause:1ms] [" * 70_000
    found, _ = parse_inline_tags(raw, span_of(raw))
    assert found


def test_variables_are_found_where_they_stand() -> None:
    assert variables_in("Hi {player}, {{not}} {ship_2}{Bad}") == (
        VariableUse(name="player", start=3, length=8),
        VariableUse(name="ship_2", start=21, length=8),
    )
    assert variables_in("none") == ()


def test_variables_are_filled_in_and_doubled_braces_halved() -> None:
    assert substitute("Hi {player}: {{x}} {other}", {"player": "Ada"}) == "Hi Ada: {x} {other}"
    assert substitute("plain", {}) == "plain"


def test_a_value_is_not_filled_in_again() -> None:
    assert substitute("{a}", {"a": "{b}", "b": "no"}) == "{b}"


@pytest.mark.parametrize(
    ("raw", "columns"),
    [("{", [0]), ("a } b", [2]), ("{Player}", [0, 7]), ("{{{x}", []), ("{}", [0, 1])],
)  # fmt: skip
def test_stray_braces_are_pointed_at(raw: str, columns: list[int]) -> None:
    found = list(placeholder_problems(raw, span_of(raw)))
    assert [p.span.column - 10 for p in found] == columns
    assert all(p.code == "VP133" for p in found)
