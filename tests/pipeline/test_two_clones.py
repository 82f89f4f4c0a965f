"""Decisions travel with the project: two clones that decided and merged have one bank."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from small_project import Bench, write_small_project

from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.manifest import BankManifest
from voicepipe.bank.pins import pin_lines
from voicepipe.bank.versions import load_latest, resolve
from voicepipe.errors import InputError
from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport


class Clone(Bench):
    """A working copy, and the store it shares."""

    def share(self, *, retake: bool = False, **filters: list[str]) -> RenderReport:
        url = (self.root.parent / "shared").as_uri()
        return self.render(RenderOptions(retake=retake, store=url), **filters)

    def git(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.root,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.root.parent),
                "GIT_CONFIG_NOSYSTEM": "1",
                **{
                    f"GIT_{who}_{what}": "a@b"
                    for who in ("AUTHOR", "COMMITTER")
                    for what in ("NAME", "EMAIL")
                },
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def commit(self, what: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", what)

    def pin(self, line: str, version: str) -> None:
        out = self.root / "out"
        with bank_lock(out, "test"):
            pin_lines(out, self.root, resolve(out, "small", version), [line], ["en"])

    def manifest(self) -> BankManifest:
        manifest = load_latest(self.root / "out", "small")
        assert manifest is not None
        return manifest

    def pins(self) -> dict[tuple[str, str], str]:
        decisions = load_decisions(self.root, self.root / "out")
        return {key: one.pin for key, one in decisions.lines.items() if one.pin}


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Clone, Clone]:
    """One project in two working copies, and an empty store."""
    (tmp_path / "shared").mkdir()
    mine, yours = Clone(tmp_path / "mine"), Clone(tmp_path / "yours")
    write_small_project(mine.root)
    (mine.root / ".gitignore").write_text("out/\n")
    mine.git("init", "-q", "-b", "main")
    mine.commit("Begin")
    mine.git("clone", "-q", str(mine.root), str(yours.root))
    return mine, yours


def test_two_clones_that_decided_and_merged_have_the_same_bank(
    clones: tuple[Clone, Clone],
) -> None:
    mine, yours = clones
    mine.share()
    mine.share(retake=True, lines=["hall_0010"])
    mine.pin("hall_0010", "v0001")
    mine.share(retake=True, lines=["hall_0030"])
    mine.commit("Decide about the first line")
    yours.share()
    yours.share(retake=True, lines=["hall_0020"])
    yours.commit("Decide about the second line")

    yours.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    mine.git("pull", "-q", str(yours.root), "main")
    mine.share()
    report = yours.share()
    assert (report.rendered, report.is_whole) == (0, True), "every take comes from the store"

    ours, theirs = mine.manifest(), yours.manifest()
    assert ours.content_sha256 == theirs.content_sha256
    assert ours.entries == theirs.entries
    for entry in ours.entries:
        files = [
            bench.root / "out/banks/small" / bench.manifest().version / entry.file
            for bench in (mine, yours)
        ]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert mine.pins() == yours.pins()
    assert set(mine.pins()) == {("hall_0010", "en")}
    takes = {(entry.line, entry.language): entry.take for entry in ours.entries}
    assert takes["hall_0010", "en"] == 1, "the pinned take has the number it was published with"
    assert takes["hall_0010", "de"] == takes["hall_0020", "en"] == takes["hall_0030", "en"] == 2


def test_a_fresh_clone_has_the_same_pins_and_renders_nothing(clones: tuple[Clone, Clone]) -> None:
    mine, yours = clones
    mine.share()
    mine.share(retake=True, lines=["hall_0010"])
    mine.pin("hall_0010", "v0001")
    mine.share()
    mine.commit("Pin")
    yours.git("pull", "-q", str(mine.root), "main")
    report = yours.share()
    assert (report.rendered, report.is_whole) == (0, True)
    assert yours.manifest().entries == mine.manifest().entries
    assert yours.manifest().version != mine.manifest().version


def test_rows_side_by_side_merge_without_a_conflict(clones: tuple[Clone, Clone]) -> None:
    mine, yours = clones
    mine.share()
    mine.share(retake=True, lines=["hall_0010", "hall_0020"], languages=["en"])
    mine.commit("Both")
    yours.git("pull", "-q", str(mine.root), "main")
    yours.share()
    mine.share(retake=True, lines=["hall_0010"], languages=["en"])
    mine.commit("First")
    yours.share(retake=True, lines=["hall_0020"], languages=["en"])
    yours.commit("Second")
    yours.git("pull", "-q", "--no-rebase", "--no-edit", str(mine.root), "main")
    decisions = load_decisions(yours.root, yours.root / "out")
    assert {key: one.take for key, one in decisions.lines.items()} == {
        ("hall_0010", "en"): 3,
        ("hall_0020", "en"): 3,
    }


def test_a_line_that_two_people_decided_is_told_at_its_place(clones: tuple[Clone, Clone]) -> None:
    mine, yours = clones
    for bench, seed in ((mine, 1), (yours, 2)):
        bench.share()
        bench.render(
            RenderOptions(retake=True, seed=seed, store="off"),
            lines=["hall_0010"],
            languages=["en"],
        )
        bench.commit("Decide")
    yours.git("pull", "-q", "--no-rebase", "--no-edit", str(mine.root), "main")
    (found,) = [one for one in yours.project().diagnostics if one.code == "VP696"]
    assert str(found.span) == "decisions.csv:3:1"
    assert "hall_0010 (en) is decided differently on line 2" in found.message
    with pytest.raises(InputError):
        yours.share()
    path = yours.root / "decisions.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:2]))
    assert yours.share().is_whole


def test_a_conflict_left_by_git_is_told_and_mended_by_keeping_every_row(
    clones: tuple[Clone, Clone],
) -> None:
    mine, yours = clones
    for bench, line in ((mine, "hall_0010"), (yours, "hall_0020")):
        (bench.root / ".gitattributes").write_text("decisions.csv merge=text\n")
        bench.share()
        bench.share(retake=True, lines=[line], languages=["en"])
        bench.commit("Decide")
    yours.git("pull", "-q", "--no-rebase", "--no-edit", str(mine.root), "main", code=1)
    (found,) = [one for one in yours.project().diagnostics if one.code == "VP695"]
    assert "keep every row" in found.help
    path = yours.root / "decisions.csv"
    rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join(row for row in rows if row[:7] not in {"<" * 7, "=" * 7, ">" * 7}))
    decisions = load_decisions(yours.root, yours.root / "out")
    assert {key: one.take for key, one in decisions.lines.items()} == {
        ("hall_0010", "en"): 2,
        ("hall_0020", "en"): 2,
    }


def test_git_is_told_once_and_nothing_is_written_outside_a_working_copy(
    clones: tuple[Clone, Clone], bench: Bench
) -> None:
    mine, _ = clones
    (mine.root / ".gitattributes").write_text("*.wav binary")
    for _ in range(2):
        mine.share(retake=True, lines=["hall_0010"])
    text = (mine.root / ".gitattributes").read_text()
    assert text == "*.wav binary\ndecisions.csv merge=union\n"
    bench.render(RenderOptions(retake=True), lines=["hall_0010"])
    assert (bench.root / "decisions.csv").is_file()
    assert not (bench.root / ".gitattributes").exists()
