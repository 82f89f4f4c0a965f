"""An export writes what changed, removes what left, and touches nothing that is not its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from export_tool import exported, faults, prepared, tree
from stand_in_bank import publish_stand_ins

from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.exporters import writing
from voicepipe.exporters.own_files import list_name
from voicepipe.pipeline.exporting import write_prepared

LIST = list_name("generic")


def _edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_a_second_export_writes_no_file(small: Path, tmp_path: Path) -> None:
    to = tmp_path / "to 游戏"
    first = exported(small, "generic", to)
    before = {path: path.stat().st_mtime_ns for path in to.rglob("*")}
    again = exported(small, "generic", to)
    assert len(first.written) == 8 + 2 + 4
    assert (again.written, again.removed, again.kept) == ((), (), 14)
    assert {path: path.stat().st_mtime_ns for path in to.rglob("*")} == before


def test_an_edited_line_is_written_with_its_tables_only(small: Path) -> None:
    exported(small, "generic")
    _edit(small, "scripts_in/hall.yaml", "Stay.", "Do stay.")
    publish_stand_ins(small)
    written = exported(small, "generic").written
    assert written == ("en/hall/hall_0030.wav", "en/lines.csv", "en/lines.json")


def test_a_line_that_is_gone_takes_its_files_and_empty_folders_along(
    small: Path, tmp_path: Path
) -> None:
    exported(small, "generic", tmp_path / "to")
    (tmp_path / "to/en/mine.txt").write_text("mine")
    done = exported(small, "generic", tmp_path / "to", only=("en",))
    assert "de/hall/hall_0010.wav" in done.removed
    assert not (tmp_path / "to/de").exists()
    assert (tmp_path / "to/en/mine.txt").read_text() == "mine"


def test_a_foreign_file_in_the_way_ends_the_export_before_it_began(
    small: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "to/en/lines.json"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("mine")
    with pytest.raises(EnvironmentFault, match="is not ours"):
        exported(small, "generic", tmp_path / "to")
    assert tree(tmp_path / "to") == {"en/lines.json": b"mine"}
    exported(small, "generic", tmp_path / "to", replaces=True)
    assert foreign.read_text() != "mine"


def test_a_file_that_was_changed_is_not_written_over(small: Path, tmp_path: Path) -> None:
    exported(small, "generic", tmp_path / "to")
    ours = tmp_path / "to/en/lines.csv"
    ours.write_text("changed by hand")
    with pytest.raises(EnvironmentFault, match="was changed since it was exported"):
        exported(small, "generic", tmp_path / "to")
    assert ours.read_text() == "changed by hand"
    assert exported(small, "generic", tmp_path / "to", replaces=True).written == ("en/lines.csv",)


def test_a_changed_file_is_not_removed_with_its_line(small: Path, tmp_path: Path) -> None:
    exported(small, "generic", tmp_path / "to")
    (tmp_path / "to/de/lines.csv").write_text("changed by hand")
    with pytest.raises(EnvironmentFault, match="was changed"):
        exported(small, "generic", tmp_path / "to", only=("en",))
    assert (tmp_path / "to/de/lines.json").exists()


def test_dates_alone_are_no_change(small: Path, tmp_path: Path) -> None:
    exported(small, "generic", tmp_path / "to")
    later = time.time() + 100
    for path in (tmp_path / "to").rglob("*.wav"):
        os.utime(path, (later, later))
    assert exported(small, "generic", tmp_path / "to").written == ()


def test_files_of_a_lost_list_are_taken_over_when_they_are_the_same(
    small: Path, tmp_path: Path
) -> None:
    exported(small, "generic", tmp_path / "to")
    before = tree(tmp_path / "to")
    (tmp_path / "to" / LIST).unlink()
    assert exported(small, "generic", tmp_path / "to").written == ()
    assert tree(tmp_path / "to") == before


@pytest.mark.parametrize("where", ["en", "en/hall/hall_0010.wav", LIST])
def test_nothing_is_written_through_a_link(small: Path, tmp_path: Path, where: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("theirs")
    link = tmp_path / "to" / where
    link.parent.mkdir(parents=True)
    link.symlink_to(elsewhere if where == "en" else elsewhere / "file")
    with pytest.raises(EnvironmentFault):
        exported(small, "generic", tmp_path / "to")
    assert tree(elsewhere) == {"file": b"theirs"}


def test_a_list_that_names_files_elsewhere_is_refused(small: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("theirs")
    to = tmp_path / "to"
    to.mkdir()
    rows = {"../victim.txt": ["0" * 64, 6]}
    (to / LIST).write_bytes(orjson.dumps({"schema": 1, "pending": [], "files": rows}))
    with pytest.raises(EnvironmentFault, match="not a list of exported files"):
        exported(small, "generic", to)
    assert victim.read_text() == "theirs"


@pytest.mark.parametrize(
    "folder", ["scripts_in", "voices/x", "out", "out/banks", ".", "out/exports"]
)
def test_an_export_into_a_folder_of_the_project_is_refused(small: Path, folder: str) -> None:
    with pytest.raises(UsageError, match="overlaps"):
        exported(small, "generic", small / folder)


KILLED = """\
import os, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from export_tool import prepared
from voicepipe.exporters import writing
from voicepipe.pipeline.exporting import write_prepared
ready = prepared(Path({root!r}), "generic", Path({to!r}))
left = {after}
put = writing.put_file
def dying(whole, content):
    global left
    if left == 0:
        path = Path(whole)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name("." + path.name + ".0123456789abcdef.voicepipe-part")
        beside.write_bytes(content[: len(content) // 2])
        os._exit(9)
    put(whole, content)
    left -= 1
writing.put_file = dying
write_prepared(ready)
"""


@pytest.mark.parametrize("after", [0, 3, 13])
def test_a_killed_export_leaves_whole_files_and_is_finished_by_the_next(
    small: Path, tmp_path: Path, after: int
) -> None:
    exported(small, "generic", tmp_path / "whole")
    to = tmp_path / "to"
    code = KILLED.format(tests=str(Path(__file__).parent), root=str(small), to=str(to), after=after)
    ended = subprocess.run([sys.executable, "-c", code], check=False, env=os.environ)
    assert ended.returncode == 9
    whole = tree(tmp_path / "whole")
    left = {k: v for k, v in tree(to).items() if not k.endswith("-part") and k != LIST}
    assert len(left) == after
    assert left.items() <= whole.items()
    assert exported(small, "generic", to).written
    assert tree(to) == whole


def test_two_exports_do_not_write_at_once(small: Path, tmp_path: Path) -> None:
    ready = prepared(small, "generic", tmp_path / "to")
    (tmp_path / "to").mkdir()
    with writing._held(tmp_path / "to"), pytest.raises(EnvironmentFault, match="another export"):
        write_prepared(ready)


def test_every_line_that_is_gone_from_the_export_is_named(small: Path, tmp_path: Path) -> None:
    exported(small, "generic", tmp_path / "to")
    assert faults(small, "generic", tmp_path / "to") == []
    (tmp_path / "to/de/hall/hall_0020.wav").unlink()
    (found,) = faults(small, "generic", tmp_path / "to")
    assert found == "VP780 hall_0020 (de): there is no de/hall/hall_0020.wav"


def test_an_export_of_an_earlier_bank_is_told_of(small: Path, tmp_path: Path) -> None:
    exported(small, "generic", tmp_path / "to")
    _edit(small, "scripts_in/hall.yaml", "Stay.", "Do stay.")
    publish_stand_ins(small)
    assert any("VP782 hall_0030 (en)" in told for told in faults(small, "generic", tmp_path / "to"))


def test_a_line_without_a_clip_is_a_hole_unless_another_language_stands_in(
    small: Path, tmp_path: Path
) -> None:
    publish_stand_ins(small, without=frozenset({("hall_0010", "de")}))
    exported(small, "generic", tmp_path / "to")
    assert faults(small, "generic", tmp_path / "to") == ["VP783 hall_0010 (de): it failed"]
    exported(small, "generic", tmp_path / "to", fallback={"de": "en"})
    (told,) = faults(small, "generic", tmp_path / "to", fallback={"de": "en"})
    assert told.startswith("VP784 hall_0010 (de)")
    ready = prepared(small, "generic", tmp_path / "to", fallback={"de": "en"})
    assert [row.fallback for row in ready.report] == [(), ("hall_0010",)]
    assert (tmp_path / "to/de/hall/hall_0010.wav").read_bytes() == (
        tmp_path / "to/en/hall/hall_0010.wav"
    ).read_bytes()


def test_a_revoked_voice_is_not_exported_and_leaves_an_export(small: Path, tmp_path: Path) -> None:
    exported(small, "generic", tmp_path / "to")
    _edit(small, "voices/bob.yaml", "from: 2020-01-01", "from: 2020-01-01, revoked: 2020-02-02")
    ready = prepared(small, "generic", tmp_path / "to")
    assert {(one.entry.line, one.entry.language) for one in ready.refused} == {
        (line, language) for line in ("hall_0020", "bark_0010") for language in ("en", "de")
    }
    assert not any("0020" in path for path in ready.files)
    removed = write_prepared(ready).removed
    assert "en/hall/hall_0020.wav" in removed
    assert any("hall_0020 (en)" in told for told in faults(small, "generic", tmp_path / "to"))


def test_a_manifest_that_gives_a_clip_to_another_voice_lengthens_no_consent(
    small: Path, tmp_path: Path
) -> None:
    _edit(small, "voices/bob.yaml", "from: 2020-01-01", "from: 2020-01-01, revoked: 2020-02-02")
    path = next((small / "out/banks/small").glob("v*/manifest.json"))
    path.chmod(0o644)
    facts = orjson.loads(path.read_bytes())
    for entry in facts["entries"]:
        entry["voice"] = entry["consent"] = "ann"
    path.write_bytes(orjson.dumps(facts))
    try:
        refused = prepared(small, "generic", tmp_path / "to").refused
    except EnvironmentFault:
        return  # the hash of its entries gave it away
    assert len(refused) == 4


def test_a_damaged_clip_is_not_exported(small: Path, tmp_path: Path) -> None:
    path = next((small / "out/banks/small").glob("v*/en/hall/hall_0010.wav"))
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-2] + b"\x01\x01")
    with pytest.raises(EnvironmentFault, match="not those that were published"):
        exported(small, "generic", tmp_path / "to")


def test_settings_that_no_target_can_follow_point_at_their_place(small: Path) -> None:
    _edit(small, "voicepipe.yaml", "bank: small\n", "bank: small\nexport: [{target: genric}]\n")
    with pytest.raises(InputError) as refused:
        exported(small, "generic")
    (told,) = refused.value.diagnostics
    assert (told.code, str(told.span)) == ("VP770", "voicepipe.yaml:2:19")
    assert "generic" in told.message
