from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loaded_modules import loaded_by
from voice_builders import casting, catalog, clip, line, voice

from voicepipe.diagnostics import Severity
from voicepipe.voices.casting import cast_lines, choose_clip
from voicepipe.voices.catalog import Catalog
from voicepipe.voices.voice import NEUTRAL, VoiceId

NOAH = voice(
    "noah",
    clip("neutral", "zh"),
    clip("neutral", "en"),
    clip("sad", "zh"),
    clip("angry", "en"),
    fallback={"grieving": "low", "low": "sad", "sly": "neutral"},
)
BOTH = ("zh", "en")


@pytest.mark.parametrize(
    ("language", "emotion", "used", "path", "declared"),
    [
        ("zh", "", "neutral", "voices/neutral_zh.wav", True),
        ("en", "neutral", "neutral", "voices/neutral_en.wav", True),
        ("zh", "sad", "sad", "voices/sad_zh.wav", True),
        ("en", "sad", "sad", "voices/sad_zh.wav", True),
        ("zh", "angry", "angry", "voices/angry_en.wav", True),
        ("ja", "", "neutral", "voices/neutral_zh.wav", True),
        ("zh", "grieving", "sad", "voices/sad_zh.wav", True),
        ("en", "sly", "neutral", "voices/neutral_en.wav", True),
        ("en", "furious", "neutral", "voices/neutral_en.wav", False),
    ],
)
def test_emotion_first_then_language(
    language: str, emotion: str, used: str, path: str, declared: bool
) -> None:
    choice = choose_clip(NOAH, language, emotion)
    assert choice.clip is not None
    assert (choice.emotion, choice.clip.path, choice.is_declared) == (used, path, declared)


def test_a_voice_that_listens_to_no_clip_keeps_the_emotion_it_was_asked_for() -> None:
    for placeholder in (voice("ada"), voice("ada", clip("neutral", "zh"), engine="scratch")):
        choice = choose_clip(placeholder, "zh", "furious")
        assert (choice.emotion, choice.clip, choice.is_declared) == ("furious", None, True)


_EMOTIONS = ["neutral", "a", "b", "c", "d"]


@settings(deadline=None)
@given(
    st.sets(st.sampled_from(_EMOTIONS)),
    st.dictionaries(st.sampled_from(_EMOTIONS), st.sampled_from(_EMOTIONS)),
    st.sampled_from(["", *_EMOTIONS, "other"]),
)
def test_choosing_always_ends_and_ends_at_a_clip(
    recorded: set[str], fallback: dict[str, str], wanted: str
) -> None:
    clips = [clip(emotion, "zh") for emotion in sorted(recorded)]
    choice = choose_clip(voice("x", *clips, fallback=fallback), "zh", wanted)
    if NEUTRAL in recorded and not _has_circle(fallback):
        assert choice.clip is not None
        assert choice.clip.emotion == choice.emotion
    if wanted in recorded:
        assert choice.emotion == wanted


def _has_circle(fallback: dict[str, str]) -> bool:
    for start in fallback:
        step = start
        for _ in range(len(fallback) + 1):
            step = fallback.get(step, "")
        if step:
            return True
    return False


def test_every_line_in_every_language_with_a_text() -> None:
    lines = [line("a", "noah"), line("b", "noah", languages=("en",), position=1)]
    cast, problems = cast_lines(lines, catalog(NOAH), BOTH)
    assert [(c.line.id, c.language) for c in cast] == [("a", "zh"), ("a", "en"), ("b", "en")]
    assert problems == ()
    assert cast[0].voice is NOAH
    assert cast[0].text is lines[0].texts[cast[0].language]


def test_delivery_is_the_lines_and_the_voices() -> None:
    slow = voice("noah", *NOAH.clips, fallback=NOAH.fallback, speed=0.5)
    (cast,), _ = cast_lines(
        [line("a", "noah", emotion="grieving", speed=1.2)], catalog(slow), ["zh"]
    )
    assert (cast.delivery.emotion, cast.delivery.resolved_emotion) == ("grieving", "sad")
    assert cast.delivery.speed == pytest.approx(0.6)
    assert cast.reference is not None
    assert cast.reference.emotion == "sad"


def test_language_beats_emotion_beats_speaker() -> None:
    akari, fury, plain = (voice(name, engine="scratch") for name in ("akari", "fury", "plain"))
    book = catalog(
        akari,
        fury,
        plain,
        cast={"noah": casting("plain", languages={"ja": "akari"}, emotions={"angry": "fury"})},
    )
    lines = [
        line("a", "noah", languages=("zh", "ja")),
        line("b", "noah", emotion="angry", languages=("zh", "ja")),
    ]
    cast, _ = cast_lines(lines, book, ("zh", "ja"))
    assert [c.voice.id for c in cast] == ["plain", "akari", "fury", "akari"]


def test_a_voice_cast_for_an_emotion_needs_no_clip_of_that_name() -> None:
    fury = voice("fury", clip("neutral", "zh"))
    book = catalog(NOAH, fury, cast={"noah": casting("noah", emotions={"furious": "fury"})})
    (cast,), problems = cast_lines([line("a", "noah", emotion="furious")], book, ["zh"])
    assert (cast.voice.id, cast.delivery.resolved_emotion, problems) == ("fury", "neutral", ())


def test_a_speaker_without_a_voice_is_reported_once() -> None:
    lines = [line("a", "noha", position=4), line("b", "noha", position=5), line("c", "noah")]
    cast, problems = cast_lines(lines, catalog(NOAH), BOTH)
    assert len(cast) == 2
    (problem,) = problems
    assert (problem.code, problem.severity) == ("VP301", Severity.ERROR)
    assert problem.span.line == 5
    assert 'speaker "noha" is not cast (4 lines) — did you mean "noah"?' in problem.message


def test_a_broken_or_unknown_cast_voice_is_not_reported_twice() -> None:
    book = Catalog(voices={}, cast={"noah": casting("gone")}, broken=frozenset({VoiceId("ada")}))
    cast, problems = cast_lines([line("a", "noah"), line("b", "ada")], book, BOTH)
    assert (cast, problems) == ((), ())


def test_a_voice_may_be_kept_to_its_languages() -> None:
    zh_only = voice("noah", *NOAH.clips, languages=("zh",))
    cast, problems = cast_lines([line("a", "noah"), line("b", "noah")], catalog(zh_only), BOTH)
    assert [c.language for c in cast] == ["zh", "zh"]
    assert [(d.code, d.message) for d in problems] == [
        ("VP310", 'voice "noah" speaks zh, not "en" (2 lines)')
    ]


def test_an_emotion_nobody_declared_is_named_with_what_is_used() -> None:
    lines = [line("a", "noah", emotion="agry", position=2), line("b", "noah", emotion="agry")]
    _, problems = cast_lines(lines, catalog(NOAH), ["en"])
    (problem,) = problems
    assert (problem.code, problem.severity, problem.span.line) == ("VP306", Severity.WARNING, 3)
    assert problem.message == (
        'voice "noah" has no "agry" clip and no fallback for it: "neutral" is used 2 times'
        ' — did you mean "angry"?'
    )
    assert problem.help == "record one, or add to its file: fallback: {agry: neutral}"


def test_emotions_inside_a_line_are_checked_too() -> None:
    lines = [line("a", "noah", segment_emotion="furious"), line("b", "noah", segment_emotion="sad")]
    _, problems = cast_lines(lines, catalog(NOAH), ["zh"])
    assert [d.code for d in problems] == ["VP306"]
    assert '"furious"' in problems[0].message


def test_speaking_across_languages_is_noted_once() -> None:
    lines = [line("a", "noah", languages=("ja",)), line("b", "noah", languages=("ja",))]
    _, problems = cast_lines(lines, catalog(NOAH), ["ja"])
    assert [(d.code, d.severity) for d in problems] == [("VP314", Severity.NOTE)]
    assert "speaks ja with this clip in zh" in problems[0].message


def test_casting_somebody_who_never_speaks_is_a_likely_slip() -> None:
    book = catalog(NOAH, cast={"nooah": casting("noah")})
    _, problems = cast_lines([line("a", "noah")], book, ["zh"])
    assert [(d.code, d.severity) for d in problems] == [("VP313", Severity.WARNING)]
    assert 'did you mean "noah"' in problems[0].message


def test_casting_loads_nothing_heavy() -> None:
    rooms = "voicepipe.voices.casting, voicepipe.voices.catalog, voicepipe.consent.revoke"
    assert not loaded_by(f"import {rooms}")
