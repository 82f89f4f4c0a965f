"""A line that gets another id keeps its takes, pins, translations and recordings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_project import Bench

from cli.main import run
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.manifest import BankManifest
from voicepipe.bank.versions import load_latest
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.pipeline import renaming as room
from voicepipe.pipeline.renaming import carry_out, plan_renaming


def published(bench: Bench) -> BankManifest:
    manifest = load_latest(bench.root / "out", "small")
    assert manifest is not None
    return manifest


def take_keys(bench: Bench) -> list[tuple[str, str]]:
    """(language, take key) of everything published, whatever its line is called."""
    return sorted((entry.language, entry.take_key) for entry in published(bench).entries)


def rename(bench: Bench, old: str, new: str) -> None:
    carry_out(plan_renaming(bench.root, old, new))


def everything(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and "out" not in path.relative_to(root).parts
    }


def test_a_renamed_line_renders_nothing_again(rendered: Bench) -> None:
    before = take_keys(rendered)
    rename(rendered, "hall_0010", "Intro_1")
    report = rendered.render()
    assert report.rendered == 0
    assert take_keys(rendered) == before
    assert {("Intro_1", "en"), ("Intro_1", "de")} <= rendered.entries().keys()
    assert ("hall_0010", "en") not in rendered.entries()


def test_a_retake_of_a_renamed_line_is_another_take(rendered: Bench) -> None:
    rename(rendered, "hall_0010", "intro")
    decisions = load_decisions(rendered.root, rendered.root / "out").with_retake("intro", "en")
    assert (decisions.of("intro", "en").take, decisions.of("intro", "en").seed) == (2, None)


def test_decisions_translations_and_recordings_go_along(rendered: Bench) -> None:
    root = rendered.root
    loc = root / "scripts_in/loc"
    loc.mkdir()
    (loc / "de.csv").write_text('line,text,_by\n"hall_0020",Es war einer.,Ada\n', "utf-8")
    spoken = root / "overrides/en"
    spoken.mkdir(parents=True)
    (entry,) = (
        e for e in published(rendered).entries if (e.line, e.language) == ("hall_0020", "en")
    )
    version = next((root / "out/banks/small").glob("v0001"))
    shutil.copyfile(version / entry.file, spoken / "hall_0020.wav")
    rendered.render()
    keys = take_keys(rendered)
    rename(rendered, "hall_0020", "hall_20b")
    assert (loc / "de.csv").read_text("utf-8") == 'line,text,_by\n"hall_20b",Es war einer.,Ada\n'
    assert [path.name for path in spoken.iterdir()] == ["hall_20b.wav"]
    decided = load_decisions(root, root / "out")
    assert {key[0] for key in decided.recordings} == {"hall_20b"}
    report = rendered.render()
    assert (report.rendered, take_keys(rendered)) == (0, keys)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hall_0099", "a", 'no line "hall_0099" — did you mean'),
        ("hall_0010", "hall_0020", 'a line "hall_0020" already'),
        ("hall_0010", "HALL_0020", 'a line "hall_0020" already'),
        ("hall_0010", "a__b", "kept for suffixes"),
        ("hall_0010", "../a", "is not letters"),
        ("hall_0010", "con", "Windows"),
        ("hall_0010", "hall_0010", "already"),
    ],
)
def test_what_cannot_be_renamed_is_refused(rendered: Bench, old: str, new: str, said: str) -> None:
    before = everything(rendered.root)
    with pytest.raises(UsageError, match=said):
        rename(rendered, old, new)
    assert everything(rendered.root) == before


def test_a_recording_of_the_new_name_is_never_replaced(rendered: Bench) -> None:
    folder = rendered.root / "overrides/de"
    folder.mkdir(parents=True)
    for name in ("hall_0010", "intro"):
        (folder / f"{name}.wav").write_bytes(name.encode())
    with pytest.raises(UsageError, match=r"intro\.wav is there already"):
        rename(rendered, "hall_0010", "intro")


def test_a_rename_that_fails_leaves_everything_as_it_was(
    rendered: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = rendered.root / "overrides/de"
    folder.mkdir(parents=True)
    (folder / "hall_0010.wav").write_bytes(b"sound")
    before = everything(rendered.root)

    def full(*_: object) -> None:
        raise EnvironmentFault("disk full")

    monkeypatch.setattr(room, "save_decisions", full)
    with pytest.raises(EnvironmentFault, match="disk full"):
        rename(rendered, "hall_0010", "intro")
    assert everything(rendered.root) == before


def test_without_write_nothing_is_touched(
    rendered: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(rendered.root)
    call = ["-C", str(rendered.root), "ids", "rename", "hall_0010", "intro"]
    with pytest.raises(SystemExit) as ended:
        run(call)
    assert ended.value.code == 0
    said = capsys.readouterr()
    assert "scripts_in/hall.yaml" in said.out
    assert "--write does it" in said.err
    assert everything(rendered.root) == before
    with pytest.raises(SystemExit):
        run([*call, "--write"])
    assert "line: intro" in (rendered.root / "scripts_in/hall.yaml").read_text("utf-8")
