"""The page's interpreter decides as the checker does: conditions, changes, and whole walks."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from voicepipe.exporters.story_script import read_story_script
from voicepipe.pages.folder import asset
from voicepipe.pipeline.play_story import assignment_json, condition_json, story_json
from voicepipe.pipeline.production import read_production
from voicepipe.screenplay.expressions import (
    Assignment,
    ExpressionFault,
    apply,
    evaluate,
    parse_assignment,
    parse_condition,
)
from voicepipe.screenplay.story.walk import (
    Changed,
    Chosen,
    Entered,
    Event,
    Heard,
    WalkEnded,
    walk_story,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from browser_tool import BrowserTool
    from playwright.sync_api import Page

    from voicepipe.screenplay.syntax import Option, Screenplay

ROOT = Path(__file__).parents[2]
NAMES = ("trust", "fear", "met")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
N_EXPRESSIONS = 3000
N_WALKS = 25


@pytest.fixture(scope="module")
def engine(browser: BrowserTool) -> Page:
    page = browser.empty()
    page.add_script_tag(content=asset("story_engine.js").decode())
    return page


def _operand(rng: random.Random) -> str:
    values = ("0", "1", "-1", "2", "999999999", "-999999999", "true", "false")
    return rng.choice((*NAMES, *NAMES, *values))


def _condition(rng: random.Random, depth: int = 0) -> str:
    kind = rng.random()
    if depth > 4 or kind < 0.2:
        return _operand(rng)
    if kind < 0.55:
        return f"{_operand(rng)} {rng.choice(COMPARISONS)} {_operand(rng)}"
    if kind < 0.65:
        return f"not {_condition(rng, depth + 3)}"
    parts = [_condition(rng, depth + 1) for _ in range(rng.randint(2, 3))]
    return f"({rng.choice((' and ', ' or ')).join(parts)})"


def _state(rng: random.Random) -> dict[str, int | bool]:
    return {
        "trust": rng.randint(-3, 3),
        "fear": rng.choice((0, 1, 999_999_999)),
        "met": rng.random() < 0.5,
    }


def test_conditions_come_to_the_same(engine: Page) -> None:
    rng = random.Random(17)
    cases: list[list[Any]] = []
    expected = []
    while len(cases) < N_EXPRESSIONS:
        condition, state = parse_condition(_condition(rng)), _state(rng)
        if isinstance(condition, ExpressionFault):
            continue
        cases.append([condition_json(condition), state])
        expected.append(evaluate(condition, state))
    found = engine.evaluate(
        "(cases) => cases.map(([condition, state]) => voicepipeStory.holds(condition, state))",
        cases,
    )
    assert found == expected
    assert 0.2 < sum(expected) / N_EXPRESSIONS < 0.8


def test_changes_come_to_the_same_within_bounds(engine: Page) -> None:
    rng = random.Random(18)
    cases: list[list[Any]] = []
    expected = []
    for _ in range(N_EXPRESSIONS):
        name, kind = rng.choice(NAMES), rng.choice(("=", "+=", "-="))
        written = f"{name} {kind} {_operand(rng)}"
        change, state = parse_assignment(written), _state(rng)
        assert isinstance(change, Assignment)
        low = rng.choice((None, -5, 0))
        bounds = {"trust": (low, rng.choice((None, 0, 5))), "fear": (0, None)}
        cases.append([assignment_json(change), state, bounds])
        expected.append(dict(apply(change, state, bounds)))
    found = engine.evaluate(
        "(cases) => cases.map(([change, state, bounds]) =>"
        " voicepipeStory.changed(change, state, bounds))",
        cases,
    )
    assert found == expected


def test_a_variable_that_is_not_there_is_an_error_whatever_objects_are_born_with(
    engine: Page,
) -> None:
    said = engine.evaluate(
        "() => { try { voicepipeStory.holds(['name', 'toString'], {}); return 'held'; }"
        " catch (error) { return error.message; } }"
    )
    assert said == 'variable "toString" steers nothing'


def _python_walk(screenplay: Screenplay, seed: int) -> tuple[list[Any], list[int]]:
    rng = random.Random(seed)
    picks: list[int] = []

    def choose(options: Sequence[Option]) -> int:
        picks.append(rng.randrange(len(options)))
        return picks[-1]

    return [_told(event) for event in walk_story(screenplay, choose)], picks


def _told(event: Event) -> list[Any]:
    if isinstance(event, Entered):
        return ["enter", f"{event.scene}.{event.node}"]
    if isinstance(event, Heard):
        return ["say", event.line.id, event.is_choice]
    if isinstance(event, Chosen):
        return ["menu", len(event.options), event.picked]
    if isinstance(event, Changed):
        return ["change", dict(event.values)]
    assert isinstance(event, WalkEnded)
    return ["end", event.why, event.is_end]


WALK = """
([story, picks]) => {
  const told = [];
  const walk = voicepipeStory.walk(story, "");
  const left = [...picks];
  let answer;
  for (;;) {
    const found = walk.next(answer);
    answer = undefined;
    if (found.done) return told;
    const event = found.value;
    if (event.event === "enter") told.push(["enter", event.node]);
    if (event.event === "say") told.push(["say", event.line, event.isChoice]);
    if (event.event === "change") told.push(["change", event.values]);
    if (event.event === "end") told.push(["end", event.why, event.isEnd]);
    if (event.event === "menu") {
      answer = left.shift();
      told.push(["menu", event.options.length, answer]);
    }
  }
}
"""


@pytest.mark.parametrize("project", [".", "examples/lighthouse"])
def test_walks_are_the_same_step_by_step(engine: Page, project: str) -> None:
    production = read_production(ROOT / project)
    script = read_story_script(
        production.screenplay, production.settings.languages, production.settings.source_language
    )
    story = story_json(script)
    heard = set()
    for seed in range(N_WALKS):
        events, picks = _python_walk(production.screenplay, seed)
        assert engine.evaluate(WALK, [story, picks]) == events, f"walk {seed}: {picks}"
        heard |= {event[1] for event in events if event[0] == "say"}
    assert len(heard) >= 5


def test_the_clip_is_the_one_of_the_values_chosen(engine: Page) -> None:
    story = {
        "lines": {
            "a": [
                {"values": {"player": "ada"}, "clips": ["a__ada"]},
                {"values": {"player": "lin"}, "clips": ["a__lin__x", "a__lin__y"]},
            ]
        }
    }
    ask = "([story, line, values]) => voicepipeStory.clipsOf(story, line, values)"
    assert engine.evaluate(ask, [story, "a", {"player": "lin"}]) == ["a__lin__x", "a__lin__y"]
    assert engine.evaluate(ask, [story, "a", {"player": "bob"}]) == []
    assert engine.evaluate(ask, [story, "toString", {}]) == []
