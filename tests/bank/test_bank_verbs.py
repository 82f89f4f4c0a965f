from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import typer
from bank_builders import FACTS, digest, published, stored
from typer.testing import CliRunner

from cli import bank as bank_verbs
from cli.output import Session
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.publish import publish
from voicepipe.bank.versions import versions
from voicepipe.errors import BankLocked, InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "voicepipe.yaml").write_text("bank: main\nlanguages: [en]\n")
    out = tmp_path / "out"
    old = stored(out, "a")
    published(out, [old, stored(out, "b", position=1)])
    new = stored(out, "a", take_key=digest("2"), clip_key=digest("3"), text="[sigh] Words")
    published(out, [new])
    return tmp_path


def run(root: Path, *arguments: str, verbose: bool = False) -> Result:
    app = typer.Typer()

    @app.callback()
    def globals_(ctx: typer.Context) -> None:
        ctx.obj = Session(root=root, verbose=verbose)

    bank_verbs.register(app)
    result = CliRunner().invoke(app, ["bank", *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(root: Path, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(run(root, *arguments, "--json").stdout)
    assert found["schema"] == 1
    return found


def test_versions_are_listed(project: Path) -> None:
    found = document(project, "ls")
    assert [(v["version"], v["clips"], v["is_latest"]) for v in found["versions"]] == [
        ("v0001", 2, False),
        ("v0002", 1, True),
    ]
    assert found["versions"][0]["path"] == "out/banks/main/v0001"
    assert found["banks"] == ["main"]
    table = run(project, "ls").stdout
    assert "v0001" in table
    assert "latest" in table
    assert "nothing published" in run(project, "ls", "--bank", "other").stdout


def test_a_version_is_shown_with_its_script_text_as_it_is(project: Path) -> None:
    found = document(project, "show")
    assert [(e["line"], e["text"]) for e in found["entries"]] == [("a", "[sigh] Words")]
    assert found["manifest_schema"] == 1
    shown = run(project, "show", "v1")
    assert "noah: Words of b" in shown.stdout
    assert "2 clips" in shown.stderr
    assert "[sigh] Words" in run(project, "show").stdout
    with pytest.raises(UsageError, match='main v0002 has no language "zh"'):
        run(project, "show", "--lang", "zh")


def test_chosen_lines_are_shown_with_file_length_and_loudness(project: Path) -> None:
    shown = run(project, "show", "v1", "--line", "b*", "--speaker", "noah", "--scene", "bridge")
    assert shown.stdout.split()[:5] == ["en", "b", "0.00", "s", "-18.0"]
    assert "out/banks/main/v0001/en/bridge/b.wav" in shown.stdout
    assert shown.stdout.count("\n") == 1
    (entry,) = document(project, "show", "v1", "--line", "b")["entries"]
    assert entry["path"] == "out/banks/main/v0001/en/bridge/b.wav"
    for what, name in (("line", "c*"), ("speaker", "nobody"), ("scene", "x")):
        with pytest.raises(UsageError, match=f'has no {what} "'):
            run(project, "show", "v1", f"--{what}", name)


def test_lines_without_a_clip_are_shown_where_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "voicepipe.yaml").write_text("bank: main\nlanguages: [en]\n")
    row = {"line": "b__x", "language": "en", "reason": "no sound", "script": "a.yaml:1:1"}
    publish(tmp_path / "out", FACTS, [stored(tmp_path / "out", "a")], [row])
    assert "failed: no sound" in run(tmp_path, "show", "--line", "b").stdout
    assert "failed" not in run(tmp_path, "show", "--line", "a").stdout
    assert "failed" not in run(tmp_path, "show", "--speaker", "noah").stdout
    assert document(tmp_path, "show", "--line", "a")["failed"] == []


def test_a_summary_counts_clips_by_language(project: Path) -> None:
    shown = run(project, "show", "v1", "--summary").stdout
    assert "synthetic" in shown
    assert "out/banks/main/v0001" in shown
    assert document(project, "show", "v1", "--summary")["clips"] == 2


def test_versions_are_compared(project: Path) -> None:
    found = document(project, "diff", "v1")
    assert found["counts"] == {"add": 0, "modify": 1, "delete": 1, "unchanged": 0}
    assert found["changes"][0]["what"] == ["sound", "text"]
    assert "modify" in run(project, "diff", "v1").stdout
    assert run(project, "diff", "v1", "--exit-code").exit_code == 10
    assert run(project, "diff", "v1", "v1", "--exit-code").exit_code == 0


def test_a_sound_bank_passes_and_a_damaged_one_fails(project: Path) -> None:
    assert document(project, "verify")["is_intact"] is True
    (project / "out/banks/main/v0001/en/bridge/b.wav").unlink()
    result = run(project, "verify", "--quick")
    assert result.exit_code == 4
    assert "missing: main v0001: en/bridge/b.wav is missing" in result.stdout
    found = run(project, "verify", "v1", "--json")
    assert found.exit_code == 4
    (finding,) = orjson.loads(found.stdout)["findings"]
    assert finding["path"] == "out/banks/main/v0001/en/bridge/b.wav"
    assert run(project, "verify", "latest").exit_code == 0


def test_lines_are_pinned_and_let_go(project: Path) -> None:
    found = document(project, "pin", "a", "--version", "v1")
    assert found["pinned"][0]["line"] == "a"
    assert load_decisions(project, project / "out").pins() == {found["pinned"][0]["take_key"]}
    assert "pinned en" in run(project, "pin", "a").stdout
    assert "unpinned en" in run(project, "unpin", "a").stdout
    assert load_decisions(project, project / "out").pins() == frozenset()
    with pytest.raises(UsageError, match="not pinned"):
        run(project, "unpin", "a")


def test_removal_and_collection(project: Path) -> None:
    with pytest.raises(UsageError, match="latest"):
        run(project, "rm", "v2")
    assert document(project, "rm", "v1") == {
        "schema": 1,
        "bank": "main",
        "removed": "v0001",
        "latest": "v0002",
    }
    assert "nothing" not in run(project, "gc", "--days", "0").stdout
    listed = document(project, "gc", "--days", "0")
    assert listed["deleted"] is False
    assert {row["kind"] for row in listed["unused"]} == {"take", "clip", "object"}
    assert "removed 8 files" in run(project, "gc", "--days", "0", "--delete").stdout
    assert document(project, "gc", "--days", "0")["unused"] == []
    assert document(project, "verify")["is_intact"] is True
    assert "latest is none" in run(project, "rm", "v2", "--latest").stdout
    assert not versions(project / "out", "main")


def test_long_listings_are_cut_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "voicepipe.yaml").write_text("bank: main\nlanguages: [en]\n")
    for number in range(11):
        stored(tmp_path / "out", f"l{number}")
    assert "and 4 more" in run(tmp_path, "gc", "--days", "0").stdout
    assert "more;" not in run(tmp_path, "gc", "--days", "0", verbose=True).stdout


def test_writing_verbs_wait_for_no_lock_and_say_who_holds_it(project: Path) -> None:
    with bank_lock(project / "out", "voicepipe render"):
        for arguments in (["pin", "a"], ["unpin", "a"], ["gc", "--delete"], ["rm", "v1"]):
            with pytest.raises(BankLocked, match="voicepipe render"):
                run(project, *arguments)
        for arguments in (["ls"], ["show"], ["diff", "v1"], ["verify"], ["gc"]):
            assert run(project, *arguments).exit_code == 0


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"voicepipe\.yaml") as caught:
        run(tmp_path, "ls")
    assert caught.value.diagnostics


def test_looking_at_banks_loads_no_heavy_library(project: Path) -> None:
    import subprocess

    program = (
        "import sys, typer; from pathlib import Path\n"
        "from cli import bank; from cli.output import Session\n"
        "app = typer.Typer()\n"
        "@app.callback()\n"
        "def g(ctx: typer.Context): ctx.obj = Session(root=Path(sys.argv[1]))\n"
        "bank.register(app)\n"
        "app(['bank', 'verify'], standalone_mode=False)\n"
        "heavy = {'torch', 'numpy', 'pandas', 'soundfile'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", program, str(project)], check=True, timeout=60)


def test_a_damaged_version_is_repaired_and_says_what_it_did(project: Path) -> None:
    file = project / "out/banks/main/v0002/en/bridge/a.wav"
    file.unlink()
    assert run(project, "verify").exit_code == 4
    result = run(project, "repair")
    assert result.exit_code == 0
    assert "restored en/bridge/a.wav" in result.stdout
    assert "bank main v0002: 1 files read, 1 restored, 0 stored again, 0 could not" in result.stdout
    assert run(project, "verify").exit_code == 0
    found = document(project, "repair", "all")
    assert [(one["version"], one["files"], one["left"]) for one in found["versions"]] == [
        ("v0001", [], []),
        ("v0002", [], []),
    ]


def test_a_repair_that_lacks_the_bytes_ends_with_the_environments_code(project: Path) -> None:
    out = project / "out"
    (out / "banks/main/v0001/en/bridge/b.wav").unlink()
    for path in (out / "objects").glob("*/*.wav"):
        path.unlink()
    result = run(project, "repair", "v1")
    assert result.exit_code == 4
    assert "left as it is: en/bridge/b.wav: its bytes are nowhere" in result.stdout


def test_a_repair_waits_for_no_other_writer(project: Path) -> None:
    with bank_lock(project / "out", "test"), pytest.raises(BankLocked):
        run(project, "repair")
