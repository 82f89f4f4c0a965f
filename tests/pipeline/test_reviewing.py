"""Taking in decisions, and what a plan, a render and a release make of them."""

from __future__ import annotations

import pytest
from small_project import Bench

from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.reviews import ReviewKind, ReviewValidity, Status
from voicepipe.errors import InputError
from voicepipe.pipeline.production import ProducedLine, read_production
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.render.review_checks import rejected_clips
from voicepipe.pipeline.reviewing import Decided, Request, Verb, take_in
from voicepipe.workers.events import ProjectNote


def _ask(
    bench: Bench,
    verb: Verb,
    line: str = "hall_0010",
    language: str = "en",
    *,
    words: str = "",
    status: str = "",
) -> Decided:
    request = Request(verb=verb, line=line, language=language, words=words, status=status)
    return take_in(read_production(bench.root), [request], command="test")


def _line(bench: Bench, line: str = "hall_0010", language: str = "en") -> ProducedLine:
    return next(o for o in read_production(bench.root).produced if o.key == (line, language))


def test_an_approval_lapses_visibly_when_the_sound_changes(rendered: Bench) -> None:
    assert len(_ask(rendered, Verb.APPROVE).applied) == 1
    assert _line(rendered).state.status is Status.APPROVED
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good night.")
    rendered.render()
    state = _line(rendered).state
    assert state.status is Status.SYNTHETIC
    assert state.has_lapsed
    assert state.assessment is not None
    assert state.assessment.validity is ReviewValidity.LAPSED


def test_an_approved_take_that_is_finished_otherwise_is_shown_so(rendered: Bench) -> None:
    _ask(rendered, Verb.APPROVE)
    rendered.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -30")
    rendered.render()
    state = _line(rendered).state
    assert state.status is Status.APPROVED
    assert state.assessment is not None
    assert state.assessment.validity is ReviewValidity.FINISHED_ANEW


def test_deciding_the_same_again_changes_nothing(rendered: Bench) -> None:
    _ask(rendered, Verb.REJECT, words="too fast")
    before = (rendered.root / "decisions.csv").read_bytes()
    decided = _ask(rendered, Verb.REJECT, words="too fast")
    assert (len(decided.applied), len(decided.unchanged)) == (0, 1)
    assert (rendered.root / "decisions.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (Request(verb=Verb.APPROVE, line="hall_0011", language="en"), 'did you mean "hall_0010"'),
        (Request(verb=Verb.APPROVE, line="hall_0010", language="fr"), 'no language "fr"'),
        (Request(verb=Verb.REJECT, line="hall_0010", language="en"), "says why"),
        (
            Request(verb=Verb.APPROVE, line="hall_0010", language="en", sound="0" * 64),
            "sounds otherwise now",
        ),
        (Request(verb=Verb.NOTE, line="hall_0010", language="en", words="a\nb"), "cannot be kept"),
        (Request(verb=Verb.STATUS, line="hall_0010", language="en", status="x"), "not a status"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name_and_the_rest_is_kept(
    rendered: Bench, request_: Request, why: str
) -> None:
    good = Request(verb=Verb.NOTE, line="hall_0020", language="de", words="louder")
    decided = take_in(read_production(rendered.root), [request_, good], command="test")
    assert decided.applied == (good,)
    assert why in decided.refused[0].reason
    assert _line(rendered, "hall_0020", "de").state.note == "louder"


def test_a_line_without_a_clip_can_be_noted_and_wished_recorded_but_not_approved(
    bench: Bench,
) -> None:
    assert _ask(bench, Verb.APPROVE).refused
    assert _ask(bench, Verb.STATUS, status="final").refused
    assert _ask(bench, Verb.NOTE, words="whisper").applied
    assert _ask(bench, Verb.RERECORD).applied
    assert _line(bench).state.status is Status.WRITTEN
    assert _line(bench).state.needs_recording


def test_a_retake_and_a_pin_are_those_of_render_and_bank(rendered: Bench) -> None:
    assert _ask(rendered, Verb.RETAKE).applied
    assert _ask(rendered, Verb.RETAKE).unchanged, "the one asked for was not heard yet"
    assert _line(rendered).state.retake_is_due(_line(rendered).entry)
    rendered.render()
    one = _line(rendered)
    assert one.entry is not None
    assert one.entry.take == 2
    assert _ask(rendered, Verb.PIN).applied
    assert load_decisions(rendered.root, rendered.root / "out").of(*one.key).pin
    assert _ask(rendered, Verb.UNPIN).applied


def test_a_release_refuses_what_people_turned_down_at_its_place_in_the_script(
    rendered: Bench,
) -> None:
    _ask(rendered, Verb.REJECT, words="swallows a word")
    _ask(rendered, Verb.RERECORD, "hall_0020", "de")
    assert set(rejected_clips(rendered.plan())) == {("hall_0010", "en"), ("hall_0020", "de")}
    rendered.render()
    notes = [event.message for event in rendered.events if isinstance(event, ProjectNote)]
    assert any("hall_0010 (en), hall_0020 (de)" in note for note in notes)
    with pytest.raises(InputError) as refused:
        rendered.render(RenderOptions(release=True))
    told = [(d.code, str(d.span), d.message) for d in refused.value.diagnostics]
    assert told == [
        (
            "VP720",
            "scripts_in/hall.yaml:4:46",
            "hall_0010 (en): its sound was rejected: swallows a word",
        ),
        ("VP721", "scripts_in/hall.yaml:5:73", "hall_0020 (de): it needs to be recorded (again)"),
    ]
    _ask(rendered, Verb.APPROVE, "hall_0020", "de")
    _ask(rendered, Verb.RETAKE)
    assert not rejected_clips(rendered.plan()), "another take is not the rejected one"
    assert rendered.render(RenderOptions(release=True)).published


def test_withdrawing_takes_back_assessment_and_status_and_keeps_the_rows(rendered: Bench) -> None:
    _ask(rendered, Verb.APPROVE)
    _ask(rendered, Verb.STATUS, status="final")
    _ask(rendered, Verb.WITHDRAW)
    state = _line(rendered).state
    assert (state.status, state.assessment, state.said_status) == (Status.SYNTHETIC, None, None)
    reviews = load_decisions(rendered.root, rendered.root / "out").reviews
    kept = reviews["hall_0010", "en", ReviewKind.ASSESSMENT]
    assert kept.change == 2, "a merge must not bring the approval back"
