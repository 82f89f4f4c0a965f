from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from story_builder import barks, choice, integer, jump, line, node, option, play, scene

from voicepipe.screenplay.drawing.mermaid import write_mermaid
from voicepipe.screenplay.drawing.picture import picture_story, shorten
from voicepipe.screenplay.drawing.svg import draw_svg
from voicepipe.screenplay.story.story import read_story
from voicepipe.screenplay.syntax import Language

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import Screenplay

EN = Language("en")
HOSTILE = '</text><script>alert("x")</script>&amp; "]|end'

STORY = play(
    integer("trust", start="2"),
    scene(
        "bridge",
        node(
            "open",
            line("a_1"),
            choice(
                option("ask", text="Ask"),
                option("harbor", text=HOSTILE, when="trust < 3"),
                option("open", text="Again"),
                option("nowhere", text={"zh": "走"}),
                option("never", text="Never", when="trust == 4"),
            ),
        ),
        node("ask", line("a_2"), line("a_3"), jump("harbor.quay")),
        node("never", jump("END")),
        node("lonely", line("a_4")),
        barks("alert", line("a_5")),
    ),
    scene(
        "harbor", node("pier", jump("quay")), node("quay", line("b_1"), jump("bridge", "trust > 5"))
    ),
    scene("calls", barks("shout", line("c_1"))),
    scene("attic", node("dust", jump("END"))),
)


def svg_of(screenplay: Screenplay, only: str = "") -> ElementTree.Element:
    story = read_story(screenplay)
    text = draw_svg(picture_story(story, language=EN, scene=only), title=HOSTILE)
    return ElementTree.fromstring(text)


def texts_of(svg: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in svg.iter("{http://www.w3.org/2000/svg}text")]


def test_a_picture_names_scenes_nodes_choices_and_conditions() -> None:
    shown = texts_of(svg_of(STORY))
    for expected in (
        "bridge", "open", "2 lines", "“Ask”", "if trust < 3", "→ harbor", "→ harbor.quay",
        "↻ open", "nowhere ?", "“…”", "END", "never entered", "stops here",
        "barks: alert (1)", "barks: shout (1)",
    ):  # fmt: skip
        assert expected in shown, expected


def test_script_text_stays_text() -> None:
    svg = svg_of(STORY)
    assert not list(svg.iter("{http://www.w3.org/2000/svg}script"))
    assert any(text.startswith("“</text><script>") for text in texts_of(svg))


def test_a_condition_that_never_holds_is_drawn_differently() -> None:
    paths = [p.get("class") for p in svg_of(STORY).iter("{http://www.w3.org/2000/svg}path")]
    assert "way pick never" in paths
    assert "way pick maybe" in paths
    assert "way far" in paths


def test_one_scene_can_be_drawn_alone() -> None:
    shown = texts_of(svg_of(STORY, "harbor"))
    assert "pier" in shown
    assert "ask" not in shown


def test_a_story_without_scenes_is_an_empty_picture() -> None:
    assert texts_of(svg_of(play())) == []


def test_far_jumps_are_named_rather_than_drawn() -> None:
    nodes = [node(f"n{n}", jump(f"n{n + 1}")) for n in range(60)]
    story = play(scene("long", *nodes, node("n60", choice(option("n0"), option("END")))))
    assert "→ n0" in texts_of(svg_of(story))


def test_a_picture_is_the_same_every_time() -> None:
    story = read_story(STORY)
    pictures = picture_story(story, language=EN)
    assert draw_svg(pictures) == draw_svg(pictures)


def test_labels_are_cut_by_columns() -> None:
    assert shorten("one two three", 8) == "one two…"
    assert shorten("你终究还是", 6) == "你终究…"
    assert shorten("short", 8) == "short"


def test_mermaid_holds_every_node_and_escapes_what_writers_wrote() -> None:
    text = write_mermaid(read_story(STORY), language=EN)
    rows = text.splitlines()
    assert rows[0] == "flowchart TD"
    assert '    n0["open<br/>1 line"]' in rows
    assert '  n0 -->|"Ask"| n1' in rows
    assert '  m0{{"nowhere ?"}}' in rows
    assert '  finish(["END"])' in rows
    assert "  class n2,n3,n6 unreached" in rows
    labels = re.findall(r'\|"(.*?)"\|', text)
    assert not any(set(label.replace("<br/>", "")) & set('<>"|[]&') for label in labels)


def test_mermaid_of_one_scene_names_what_lies_outside() -> None:
    rows = write_mermaid(read_story(STORY), language=EN, scene="harbor").splitlines()
    assert '  n0(["bridge.open"])' in rows
    assert not any("ask" in row for row in rows)
