"""What people say of sounds: kept in the table, and true of the sound that was heard alone."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from bank_builders import digest, entry

from voicepipe.bank.decisions import Decisions
from voicepipe.bank.decisions_file import load_decisions, read_decisions, save_decisions
from voicepipe.bank.line_state import line_state
from voicepipe.bank.reviews import Review, ReviewKind, ReviewValidity, Status, validity

HEARD = digest("clip")
TAKE = digest("take")
ROW = "a,en,review,,,,,,,1"
HEAD = (
    "line,language,kind,take,seed,pin,pinned_take,recording,text,change,"
    "value,words,sound,heard_take"
)


def _approved(words: str = "") -> Review:
    return Review(value="approved", words=words, sound=HEARD, heard_take=TAKE)


@pytest.mark.parametrize(
    "words", ["", "fine, said Bob", '=SUM("x")', "'quoted", "静かに \u202eabc"]
)
def test_what_was_said_is_read_back_as_it_was_written(tmp_path: Path, words: str) -> None:
    decisions = Decisions().with_review("a", "en", ReviewKind.ASSESSMENT, _approved(words))
    decisions = decisions.with_review("a", "en", ReviewKind.NOTE, Review(words=words))
    save_decisions(tmp_path, decisions.with_retake("a", "en"))
    read = load_decisions(tmp_path, tmp_path)
    assert read.reviews == decisions.reviews
    assert read.of("a", "en").take == 2


def test_a_project_without_reviews_keeps_the_table_that_earlier_releases_read(
    tmp_path: Path,
) -> None:
    save_decisions(tmp_path, Decisions().with_retake("a", "en"))
    header = (tmp_path / "decisions.csv").read_text().splitlines()[0]
    assert header == "line,language,kind,take,seed,pin,pinned_take,recording,text,change"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (f"{ROW},great,,,", '"great" is not what a review may be: approved'),
        (f"{ROW},approved,,12ab,", "not the sha256 of a clip"),
        (f"{ROW},approved,,,12ab", "not a take key"),
        (f'{ROW},approved,"two\nlines",,', "more than one line"),
        (f"{ROW},approved,{'x' * 501},,", "501 characters; 500 is the limit"),
        ("a,en,note,,,,,,,1,approved,,,", "is not what a note may be"),
    ],
)
def test_a_review_that_cannot_be_true_is_refused_at_its_place(
    tmp_path: Path, row: str, fault: str
) -> None:
    (tmp_path / "decisions.csv").write_text(f"{HEAD}\n{row}\n", "utf-8")
    _, (found,) = read_decisions(tmp_path, tmp_path)
    assert found.code == "VP695"
    assert fault in found.message
    assert found.span.line == 2


def test_a_review_is_about_the_sound_that_was_heard() -> None:
    clip = entry("a", sha256=HEARD, take_key=TAKE)
    assert validity(_approved(), clip) is ReviewValidity.HOLDS
    assert (
        validity(_approved(), replace(clip, sha256=digest("louder")))
        is ReviewValidity.FINISHED_ANEW
    )
    other = replace(clip, sha256=digest("other"), take_key=digest("other take"))
    assert validity(_approved(), other) is ReviewValidity.LAPSED
    assert validity(_approved(), None) is ReviewValidity.LAPSED
    assert validity(Review(value="rerecord"), other) is ReviewValidity.HOLDS, "it is about the line"


def test_the_status_is_what_a_person_said_while_that_holds_and_else_what_the_clip_shows() -> None:
    clip = entry("a", sha256=HEARD, take_key=TAKE, source="synthetic")
    other = replace(clip, sha256=digest("other"), take_key=digest("other take"))
    nothing = Decisions()
    approved = nothing.with_review("a", "en", ReviewKind.ASSESSMENT, _approved())
    final = approved.with_review("a", "en", ReviewKind.STATUS, replace(_approved(), value="final"))
    shown = [
        line_state(nothing, "a", "en", None).status,
        line_state(nothing, "a", "en", replace(clip, source="scratch")).status,
        line_state(nothing, "a", "en", clip).status,
        line_state(approved, "a", "en", clip).status,
        line_state(nothing, "a", "en", replace(clip, source="recorded")).status,
        line_state(final, "a", "en", clip).status,
    ]
    assert shown == list(Status)
    lapsed = line_state(final, "a", "en", other)
    assert lapsed.status is Status.SYNTHETIC
    assert lapsed.has_lapsed
    assert lapsed.assessment is not None, "what was said is shown, not dropped"
    assert lapsed.assessment.validity is ReviewValidity.LAPSED


class Clones:
    """Two people's clones of one project."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._git(root, "init", "-q", "-b", "main", "one")
        self.one = root / "one"
        for name, value in (("user.name", "Ann"), ("user.email", "ann@example.org")):
            self._git(self.one, "config", name, value)

    @staticmethod
    def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, check=False
        )

    def commit(self, decisions: Decisions, branch: str = "") -> None:
        if branch:
            assert self._git(self.one, "checkout", "-q", "-b", branch, "main").returncode == 0
        save_decisions(self.one, decisions)
        self._git(self.one, "add", "-A")
        assert self._git(self.one, "commit", "-q", "-m", "Decide").returncode == 0

    def merge(self) -> None:
        """Merge Bob's branch into Ann's."""
        self._git(self.one, "checkout", "-q", "ann")
        merged = self._git(self.one, "merge", "-q", "--no-edit", "bob")
        assert merged.returncode == 0, merged.stdout + merged.stderr


@pytest.fixture
def clones(tmp_path: Path) -> Clones:
    return Clones(tmp_path)


def test_two_peoples_reviews_merge_when_they_are_about_different_lines(clones: Clones) -> None:
    shared = Decisions().with_retake("c", "en")
    clones.commit(shared)
    ann = shared.with_review("a", "en", ReviewKind.ASSESSMENT, _approved())
    clones.commit(ann.with_review("a", "en", ReviewKind.NOTE, Review(words="softer")), "ann")
    clones.commit(shared.with_review("b", "en", ReviewKind.ASSESSMENT, _approved()), "bob")
    clones.merge()
    merged = load_decisions(clones.one, clones.one)
    assert {key[0] for key in merged.reviews} == {"a", "b"}
    assert len(merged.reviews) == 3
    assert merged.of("c", "en").take == 2


def test_a_first_review_merges_with_a_side_that_knows_none(clones: Clones) -> None:
    shared = Decisions().with_retake("c", "en")
    clones.commit(shared)
    clones.commit(shared.with_review("a", "en", ReviewKind.ASSESSMENT, _approved()), "ann")
    clones.commit(shared.with_retake("b", "en"), "bob")
    clones.merge()
    merged = load_decisions(clones.one, clones.one)
    assert merged.reviews.keys() == {("a", "en", ReviewKind.ASSESSMENT)}
    assert merged.lines.keys() == {("b", "en"), ("c", "en")}


def test_two_opinions_of_one_sound_are_a_conflict_that_names_both_rows(clones: Clones) -> None:
    clones.commit(Decisions())
    clones.commit(Decisions().with_review("a", "en", ReviewKind.ASSESSMENT, _approved()), "ann")
    rejected = replace(_approved("too fast"), value="rejected")
    clones.commit(Decisions().with_review("a", "en", ReviewKind.ASSESSMENT, rejected), "bob")
    clones.merge()
    _, (found,) = read_decisions(clones.one, clones.one)
    assert found.code == "VP696"
    assert "a (en, review) is decided differently on line 2" in found.message
    assert str(found.span) == "decisions.csv:3:1"
    assert found.help == "keep one of the two rows, and delete the other"


def test_the_same_opinion_twice_is_no_conflict(clones: Clones) -> None:
    clones.commit(Decisions())
    decisions = Decisions().with_review("a", "en", ReviewKind.ASSESSMENT, _approved())
    clones.commit(decisions, "ann")
    clones.commit(decisions.with_retake("b", "en"), "bob")
    clones.merge()
    assert load_decisions(clones.one, clones.one).reviews == decisions.reviews
