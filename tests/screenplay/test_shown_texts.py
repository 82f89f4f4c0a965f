"""Numbers and text variables in what is said, and lines that are shown and not spoken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from story_builder import (
    choice,
    codes,
    integer,
    jump,
    line,
    messages,
    node,
    option,
    place,
    play,
    scene,
    speaker,
    text_variable,
)

from voicepipe.diagnostics import Diagnostic
from voicepipe.screenplay.line import Line
from voicepipe.screenplay.lines.resolve import resolve_lines
from voicepipe.screenplay.script_figures import count_script
from voicepipe.screenplay.story.checks import check_story
from voicepipe.screenplay.syntax import DialogueLine, Language, Screenplay, SpeakerId, Variable

EN, ZH = Language("en"), Language("zh")


def resolved(screenplay: Screenplay, *shown: Language) -> tuple[tuple[Line, ...], list[Diagnostic]]:
    return resolve_lines(screenplay, languages=(EN,), source_language=EN, text_languages=shown)


def story(variable: Variable, *lines: DialogueLine) -> Screenplay:
    return play(variable, scene("b", node("open", *lines, jump("END"))))


def hero(**spoken: str) -> Variable:
    said = {Language(tag): word for tag, word in spoken.items()}
    return Variable(name="hero", kind="text", spoken=said, span=place())


def shown(one: DialogueLine, who: str = "") -> DialogueLine:
    return replace(one, is_voiced=False, who=SpeakerId(who))


def test_a_number_is_a_clip_for_each_of_its_values() -> None:
    counts = integer("count", -1, 10)
    lines, found = resolved(story(counts, line("a_1", "I have {count} coins.")))
    assert [one.id for one in lines[:4]] == ["a_1__m1", "a_1__0", "a_1__1", "a_1__2"]
    assert lines[-1].id == "a_1__10"
    assert [one.texts[EN].plain for one in lines[:2]] == ["I have -1 coins.", "I have 0 coins."]
    assert lines[2].variant == {"count": "1"}
    assert found == []


def test_a_language_may_say_numbers_its_own_way() -> None:
    counts = replace(integer("count", 1, 2), values={"1": {EN: "one", ZH: "一"}})
    both = {"en": "{count}!", "zh": "{count}个！"}
    lines, found = resolve_lines(
        story(counts, line("a_1", both)), languages=(EN, ZH), source_language=EN
    )
    assert [(one.texts[EN].plain, one.texts[ZH].plain) for one in lines] == [
        ("one!", "一个！"),
        ("2!", "2个！"),
    ]
    assert found == []


def test_a_rule_says_something_else_than_a_text_shows() -> None:
    (one,), found = resolved(story(hero(en="my friend"), line("a_1", "Hello, {hero}! {{x}}")))
    text = one.texts[EN]
    assert (one.id, one.variant, found) == ("a_1", {}, [])
    assert text.plain == "Hello, {hero}! {x}"
    assert text.placeholders == ("hero",)
    assert [segment.text for segment in text.segments] == ["Hello, my friend! {x}"]


@pytest.mark.parametrize(
    "variable",
    [
        text_variable("hero"),
        integer("hero", None, 5),
        integer("hero", 0, None),
        Variable(name="hero", kind="bool", span=place()),
    ],
)
def test_a_variable_nobody_knows_how_to_say_is_an_error(variable: Variable) -> None:
    _, found = resolved(story(variable, line("a_1", "Hello, {hero}!")))
    assert codes(found) == ["VP216"]
    assert found[0].help


def test_too_many_numbers_are_refused_before_they_are_counted_out() -> None:
    lines, found = resolved(story(integer("n", 0, 999_999_999), line("a_1", "{n}")))
    assert lines == ()
    assert messages(found, "VP249") == [
        'line "a_1" would become 1000000000 clips; the limit is 256'
    ]


def test_a_rule_without_words_in_a_language_is_named() -> None:
    both = {"en": "Hello, {hero}!", "zh": "你好，{hero}！"}
    said = story(hero(en="you"), line("a_1", both))
    (one,), found = resolve_lines(said, languages=(EN, ZH), source_language=EN)
    assert list(one.texts) == [EN]
    assert messages(found, "VP247") == ['"hero" says nothing in "zh", and a text shows it']
    # A language that is only shown needs none.
    (one,), found = resolved(said, ZH)
    assert one.texts[ZH].plain == "你好，{hero}！"
    assert found == []


def test_a_line_that_is_shown_needs_no_voice_and_has_no_variants() -> None:
    counts = integer("count", 0, None)
    caption = shown(line("a_1", "[pause:1s]You have {count} coins.…"))
    (one,), found = resolved(story(counts, caption))
    assert (one.id, one.speaker, one.is_voiced) == ("a_1", "", False)
    assert one.texts[EN].plain == "You have {count} coins.…"
    assert one.texts[EN].placeholders == ("count",)
    assert found == []
    (dots,), found = resolved(story(counts, shown(line("a_1", "…"))))
    assert (dots.texts[EN].plain, found) == ("…", [])


def test_shown_lines_and_languages_are_counted_apart() -> None:
    said = story(integer("n"), line("a_1", {"en": "One two.", "zh": "一"}),
                 shown(line("a_2", {"en": "Three.", "zh": "二"})))  # fmt: skip
    lines, _ = resolved(said, ZH)
    english, chinese = count_script(lines, [EN], [ZH])
    assert (english.n_lines, english.n_words, english.n_shown) == (1, 2, 1)
    assert (chinese.n_lines, chinese.n_words, chinese.n_shown) == (0, 0, 2)


def test_a_shown_option_with_an_id_is_translated_by_it() -> None:
    answer = option("END", text={"en": "Go", "zh": "走"})
    with_id = replace(answer, line=shown(line("a_9", {"en": "Go", "zh": "走"})))
    told = play(speaker("noah"), scene("b", node("open", line("a_1"), choice(with_id))))
    lines, found = resolved(told, ZH)
    assert [(one.id, one.is_choice, one.is_voiced) for one in lines] == [
        ("a_1", False, True),
        ("a_9", True, False),
    ]
    assert messages(found, "VP244") == ['line "a_1" has no text in "zh"']
    assert check_story(told) == []
