from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from bank_builders import CREATED, digest, entry, spec_of

from voicepipe.bank.decisions import Decision, Decisions
from voicepipe.bank.manifest import BankManifest, ManifestEntry
from voicepipe.bank.plan import Action, ClipSpec, PlanStep, Reason, RenderPlan, plan_bank

if TYPE_CHECKING:
    from collections.abc import Sequence


def manifest(entries: Sequence[ManifestEntry]) -> BankManifest:
    return BankManifest(
        bank="main",
        version="v0001",
        created=CREATED,
        voicepipe="0",
        source_language="en",
        languages=("en",),
        sample_rate=48_000,
        bit_depth=24,
        content_sha256=digest("content"),
        entries=tuple(entries),
    )


OLD = entry("a_0010")


def step_for(
    wanted: ClipSpec,
    old: ManifestEntry | None = OLD,
    *,
    takes: Sequence[str] = (OLD.take_key,),
    clips: Sequence[str] = (OLD.clip_key,),
    decision: Decision | None = None,
) -> PlanStep:
    decisions = Decisions()
    if decision is not None:
        decisions = decisions.with_decision(wanted.line, wanted.language, decision)
    previous = manifest([old] if old else [])
    (step,) = plan_bank([wanted], previous, set(takes), set(clips), decisions).steps
    return step


def new_take(group: str, **changes: Any) -> ClipSpec:
    """ClipRequest another take because one group of inputs differs."""
    return spec_of(
        OLD,
        take_key=digest("another take"),
        clip_key=digest("another clip"),
        inputs={**OLD.inputs, group: "changed"},
        **changes,
    )


def test_a_line_as_published_is_kept_without_a_reason() -> None:
    step = step_for(spec_of(OLD))
    assert (step.action, step.reasons) == (Action.KEEP, ())
    assert not RenderPlan(steps=(step,)).has_changes


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ("text", Reason.TEXT),
        ("delivery", Reason.DELIVERY),
        ("voice", Reason.VOICE),
        ("model", Reason.MODEL),
        ("sampling", Reason.SAMPLING),
        ("engine", Reason.ENGINE),
        ("seed", Reason.RETAKE),
        ("weather", Reason.OTHER),
    ],
)
def test_a_changed_input_renders_and_says_which(group: str, reason: Reason) -> None:
    step = step_for(new_take(group))
    assert (step.action, step.reasons) == (Action.RENDER, (reason,))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"voice": "ada"}, Reason.VOICE),
        ({"engine": "scratch"}, Reason.ENGINE),
        ({"seed": 8}, Reason.RETAKE),
        ({}, Reason.OTHER),
    ],
)
def test_a_change_outside_the_inputs_is_named_too(changes: dict[str, Any], reason: Reason) -> None:
    wanted = spec_of(OLD, take_key=digest("x"), clip_key=digest("y"), **changes)
    assert step_for(wanted).reasons == (reason,)


def test_a_new_line_is_new() -> None:
    step = step_for(spec_of(entry("b"), take_key=digest("b")), None)
    assert (step.action, step.reasons) == (Action.RENDER, (Reason.NEW,))


@pytest.mark.parametrize(
    ("group", "reason"), [("post", Reason.POST), ("metadata", Reason.METADATA)]
)
def test_post_processing_uses_the_take_that_is_there(group: str, reason: Reason) -> None:
    wanted = spec_of(OLD, clip_key=digest("louder"), inputs={**OLD.inputs, group: "changed"})
    step = step_for(wanted)
    assert (step.action, step.reasons) == (Action.POST, (reason,))
    assert step_for(wanted, takes=()).action is Action.RENDER


def test_a_clip_made_before_is_found_again() -> None:
    wanted = new_take("text")
    step = step_for(wanted, clips=(wanted.clip_key,))
    assert (step.action, step.reasons) == (Action.KEEP, (Reason.TEXT,))
    assert RenderPlan(steps=(step,)).has_changes


def test_a_lost_clip_is_made_from_its_take_or_rendered() -> None:
    step = step_for(spec_of(OLD), clips=())
    assert (step.action, step.reasons) == (Action.POST, (Reason.OBJECT_MISSING,))
    step = step_for(spec_of(OLD), clips=(), takes=())
    assert (step.action, step.reasons) == (Action.RENDER, (Reason.OBJECT_MISSING,))


def test_a_moved_line_keeps_its_clip_and_says_the_listing_changed() -> None:
    step = step_for(spec_of(OLD, position=9))
    assert (step.action, step.reasons) == (Action.KEEP, (Reason.LISTING,))
    assert RenderPlan(steps=(step,)).has_changes


def test_lines_no_longer_wanted_are_dropped() -> None:
    others = [entry("z"), entry("b")]
    plan = plan_bank([spec_of(OLD)], manifest([OLD, *others]), set(), {OLD.clip_key})
    assert [(s.action, s.line) for s in plan.steps] == [
        (Action.KEEP, "a_0010"),
        (Action.DROP, "b"),
        (Action.DROP, "z"),
    ]
    assert plan.has_changes
    assert plan.counts() == {
        Action.KEEP: 1,
        Action.POST: 0,
        Action.PULL: 0,
        Action.RENDER: 0,
        Action.DROP: 2,
        Action.LOST: 0,
    }
    assert plan.reasons() == {Reason.NOT_WANTED: 2}
    assert [s.line for s in plan.of(Action.DROP)] == ["b", "z"]


def recorded(**changes: Any) -> ClipSpec:
    return spec_of(
        OLD,
        source="recorded",
        engine="",
        take_key=digest("recording"),
        clip_key=digest("recorded clip"),
        **changes,
    )


def test_recordings_come_change_and_go() -> None:
    step = step_for(recorded(), takes=())
    assert (step.action, step.reasons) == (Action.POST, (Reason.RECORDING_ADDED,))
    old = replace(OLD, source="recorded", take_key=digest("old recording"))
    assert step_for(recorded(), old).reasons == (Reason.RECORDING_CHANGED,)
    assert step_for(spec_of(OLD), old, clips=()).reasons == (
        Reason.RECORDING_REMOVED,
        Reason.OBJECT_MISSING,
    )


def test_a_recording_follows_post_processing() -> None:
    old = replace(OLD, source="recorded", take_key=digest("recording"))
    step = step_for(recorded(inputs={**OLD.inputs, "post": "changed"}), old)
    assert (step.action, step.reasons) == (Action.POST, (Reason.POST,))


def test_a_recording_overrules_a_pin_and_says_so() -> None:
    step = step_for(recorded(), decision=Decision(pin=OLD.take_key))
    assert step.reasons == (Reason.RECORDING_ADDED, Reason.PIN_OVERRULED)
    assert not step.pinned
    assert step.take_key == digest("recording")


PIN = Decision(pin=OLD.take_key)
PINNED = replace(OLD, pinned=True)


def test_a_pinned_line_keeps_its_take_and_says_what_it_ignores() -> None:
    wanted = replace(new_take("text"), clip_key=OLD.clip_key)
    step = step_for(wanted, PINNED, decision=PIN)
    assert step.action is Action.KEEP
    assert step.reasons == (Reason.PINNED,)
    assert step.ignored == (Reason.TEXT,)
    assert (step.pinned, step.take_key) == (True, OLD.take_key)
    assert not RenderPlan(steps=(step,)).has_changes


def test_a_pinned_line_follows_post_processing_and_the_subtitle() -> None:
    inputs = {**OLD.inputs, "text": "changed", "post": "changed"}
    wanted = spec_of(
        OLD, take_key=digest("x"), clip_key=digest("louder"), inputs=inputs, text="other"
    )
    step = step_for(wanted, PINNED, decision=PIN)
    assert (step.action, step.reasons) == (Action.POST, (Reason.POST, Reason.PINNED))
    assert step.ignored == (Reason.TEXT,)
    same_clip_sound = replace(wanted, clip_key=OLD.clip_key)
    step = step_for(same_clip_sound, PINNED, decision=PIN)
    assert Reason.LISTING in step.reasons


def test_a_pinned_take_that_is_gone_is_rendered_only_where_that_makes_the_same() -> None:
    step = step_for(spec_of(OLD), PINNED, takes=(), clips=(), decision=PIN)
    assert step.action is Action.RENDER
    lost = replace(new_take("text"), clip_key=digest("of the pinned take"))
    step = step_for(lost, None, takes=(), clips=(), decision=PIN)
    assert step.action is Action.LOST
    assert Reason.OBJECT_MISSING in step.reasons


def test_pinning_and_letting_go_are_changes_of_the_manifest() -> None:
    step = step_for(spec_of(OLD), decision=PIN)
    assert RenderPlan(steps=(step,)).has_changes
    step = step_for(spec_of(OLD), PINNED)
    assert step.reasons == (Reason.UNPINNED,)
    assert RenderPlan(steps=(step,)).has_changes


def test_lines_are_told_apart_by_language() -> None:
    chinese = entry("a_0010", language="zh")
    plan = plan_bank(
        [spec_of(OLD), spec_of(chinese)],
        manifest([OLD]),
        set(),
        {OLD.clip_key},
    )
    assert [(s.language, s.action) for s in plan.steps] == [
        ("en", Action.KEEP),
        ("zh", Action.RENDER),
    ]


def test_planning_needs_no_heavy_library() -> None:
    program = (
        "import sys\n"
        "import voicepipe.bank.plan, voicepipe.bank.take_store, voicepipe.bank.publish\n"
        "heavy = {'torch', 'numpy', 'pandas', 'soundfile'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
