"""Engines' markup in texts: named, or taken out with what can be heard of it kept."""

from __future__ import annotations

import pytest

from voicepipe.documents.source import SourceFile
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.values import ScriptLanguages
from voicepipe.screenplay.markup import find_markup, read_markup
from voicepipe.screenplay.syntax import Language


@pytest.mark.parametrize(
    ("written", "kind", "spoken"),
    [
        pytest.param("I <i>told</i> you.", "html", "I told you.", id="italics"),
        pytest.param(
            'A <color=#ff0>red</color> <font size="2">x</font>', "html", "A red x", id="unity"
        ),
        pytest.param("One<br/>two", "html", "One\ntwo", id="break"),
        pytest.param("5 < 6 and 7 > 3", "html", "5 < 6 and 7 > 3", id="no-tag"),
        pytest.param(
            "<ruby>漢字<rt>かんじ</rt></ruby>だ", "html", "[say:かんじ]漢字[/say]だ", id="ruby"
        ),
        pytest.param("<ruby>漢字<rt>abc</rt></ruby>", "html", "漢字", id="ruby-not-in-kana"),
        pytest.param(
            "{b}No{/b}{w=0.5} {color=#f00}go{/color}", "renpy", "No[pause:500ms] go", id="renpy"
        ),
        pytest.param("One{p}two{nw}", "renpy", "One\ntwo", id="paragraph"),
        pytest.param("Hi {name}", "renpy", "Hi {name}", id="a-variable-stays"),
        pytest.param("{noalt}<3{/noalt}Love", "renpy", "Love", id="not-to-be-spoken"),
        pytest.param("[b]No[/b] [color=red]go[/color]", "bbcode", "No go", id="bbcode"),
        pytest.param(
            "[wave amp=50]Ooh[/wave][pause:1s]", "bbcode", "Ooh[pause:1s]", id="our-marks-stay"
        ),
        pytest.param("[emotion:sad]No", "bbcode", "[emotion:sad]No", id="emotion-stays"),
        pytest.param(r"Light\non\C[2]!", "bbcode", "Light\non!", id="escapes"),
        pytest.param("漢字《かんじ》だ", "html", "[say:かんじ]漢字[/say]だ", id="aozora-ruby"),
        pytest.param("《红楼梦》很长", "html", "《红楼梦》很长", id="a-book-s-title"),
        pytest.param("I <i>told</i> you.", "none", "I <i>told</i> you.", id="none"),
    ],
)
def test_markup_is_taken_out_and_what_can_be_heard_is_kept(
    written: str, kind: str, spoken: str
) -> None:
    assert read_markup(written, kind) == spoken


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I <i>told</i> you.", "<i>"),
        ("{b}No{/b}", "{b}"),
        ("{w=0.5}No", "{w=0.5}"),
        ("[b]No[/b]", "[b]"),
        (r"Light\non", r"\n"),
        ("漢字《かんじ》", "漢字《かんじ》"),
        ("{b} is a variable", ""),
        ("[pause:1s]No", ""),
        ("5 < 6, [he] said", ""),
        ("《红楼梦》", ""),
    ],
)
def test_what_looks_like_markup_is_found(text: str, found: str) -> None:
    assert find_markup(text) == found


def test_a_script_s_texts_lose_the_markup_the_project_names() -> None:
    line = "    - line: s_0010\n      who: noah\n      text: {en: '{b}No{/b}'}\n"
    script = f"scene: s\nnodes:\n  a:\n{line}"
    source = SourceFile(path="s.yaml", text=script)
    english = Language("en")
    renpy = ScriptLanguages(source=english, known=(english,), markup="renpy")
    play, problems = parse_scripts([source], renpy)
    assert not problems
    assert "'{b}" not in repr(play)
    assert "raw='No'" in repr(play)
    plain = ScriptLanguages(source=english, known=(english,))
    codes = {problem.code for problem in parse_scripts([source], plain)[1]}
    assert "VP135" in codes
