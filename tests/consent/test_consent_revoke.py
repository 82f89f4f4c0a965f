from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicepipe.consent.revoke import REVOKED, set_day, with_day
from voicepipe.documents.source import SourceFile
from voicepipe.documents.yaml_tree import YamlMapping, YamlScalar, parse_yaml
from voicepipe.errors import EnvironmentFault, InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime.date(2026, 6, 15)
PLAIN = """\
# The ship's mind.
engine: scratch   # for now
consent:
  # signed in spring
  id: noah-2026
  kind: "actor"
  scope: [harbor]
note: 'warm, "close"'
"""


def _edited(text: str) -> str | None:
    return with_day(SourceFile(path="voices/noah.yaml", text=text), REVOKED, DAY)


def _revoked(text: str) -> str | None:
    documents, problems = parse_yaml(SourceFile(path="x.yaml", text=text))
    assert not problems
    assert isinstance(documents[0], YamlMapping)
    consent = documents[0].get("consent")
    assert isinstance(consent, YamlMapping)
    value = consent.get("revoked")
    return value.value if isinstance(value, YamlScalar) else None


def test_one_line_is_added_and_every_other_stays() -> None:
    edited = _edited(PLAIN)
    assert edited is not None
    added = [line for line in edited.splitlines() if line not in PLAIN.splitlines()]
    assert added == ["  revoked: 2026-06-15"]
    assert edited.replace("  revoked: 2026-06-15\n", "") == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "consent: {id: x, kind: actor}\n",
        'consent: {"id": x}\n',
        "consent:\n  'id': x\n",
        "{consent: {id: x}, engine: scratch}\n",
        "consent:\n    id: x",
        "consent:\n  id: x\n  revoked:\n  who: y\n",
        "consent:\n  id: x\n  revoked: ~\n",
        "consent:\n  id: x\n  revoked: null  # not yet\n",
        "consent:\n  id: x\n  revoked: # not yet\n",
        'consent:\n  id: x\n  "revoked":\n',
        "---\nconsent:\n  id: x\n...\n",
        "consent:\n  id: |\n    several\n    lines\n  kind: actor\n",
        "engine: 声\nconsent:\n  id: 诺亚\n",
    ],
)
def test_every_layout_ends_with_the_date_in_it(text: str) -> None:
    edited = _edited(text)
    assert edited is not None
    assert _revoked(edited) == "2026-06-15"


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_line_ends_stay_as_they_are(ending: str) -> None:
    edited = _edited(PLAIN.replace("\n", ending))
    assert edited is not None
    assert edited.replace(f"  revoked: 2026-06-15{ending}", "") == PLAIN.replace("\n", ending)


def test_a_revocation_already_written_stays() -> None:
    assert _edited("consent:\n  id: x\n  revoked: 2020-01-01\n") is None


@pytest.mark.parametrize(
    "text", ["engine: scratch\n", "consent:\n", "consent: []\n", "consent: {}\n", "consent: yes\n"]
)
def test_without_a_record_there_is_nothing_to_revoke(text: str) -> None:
    with pytest.raises(UsageError, match="no consent record"):
        _edited(text)


@pytest.mark.parametrize("text", ["", "- a\n", "a: [\n", "a: 1\na: 2\n", "a: b\n---\nc: d\n"])
def test_what_is_no_voice_file_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a voice's file"):
        _edited(text)


def test_a_layout_that_would_break_is_refused_and_left_alone() -> None:
    # The record's first key follows an explicit key mark: a plain insertion is another document.
    with pytest.raises(EnvironmentFault, match="cannot be edited safely"):
        _edited("consent:\n  ? id\n  : x\n")


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "id: x",
                "kind: actor",
                "who: 'a: b'",
                "scope: [a, b]",
                "# note",
                "",
                "until: 2027-01-01",
            ]
        ),
        unique=True,
    ),
    st.integers(1, 6),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_the_record_holds_only_the_date_is_new(
    keys: list[str], indent: int, ending: str
) -> None:
    body = [" " * indent + key for key in ["languages: [zh]", *keys]]
    text = ending.join(["engine: scratch", "consent:", *body, "note: end", ""])
    edited = _edited(text)
    assert edited is not None
    assert edited.replace(" " * indent + f"revoked: 2026-06-15{ending}", "", 1) == text
    assert _revoked(edited) == "2026-06-15"


def test_the_file_on_disk_changes_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "voices" / "noah.yaml"
    path.parent.mkdir()
    path.write_bytes(b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode())
    path.chmod(0o640)
    assert set_day(tmp_path, "voices/noah.yaml", REVOKED, DAY)
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf# The ship")
    assert b"\r\n  revoked: 2026-06-15\r\n" in content
    assert path.stat().st_mode & 0o777 == 0o640
    assert not set_day(tmp_path, "voices/noah.yaml", REVOKED, DAY)
    assert path.read_bytes() == content
    assert [p.name for p in path.parent.iterdir()] == ["noah.yaml"]


def test_a_link_keeps_pointing_where_it_points(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text(PLAIN, "utf-8")
    (tmp_path / "noah.yaml").symlink_to("real.yaml")
    assert set_day(tmp_path, "noah.yaml", REVOKED, DAY)
    assert (tmp_path / "noah.yaml").is_symlink()
    assert "revoked" in (tmp_path / "real.yaml").read_text("utf-8")


def test_a_file_that_is_not_there_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        set_day(tmp_path, "voices/noah.yaml", REVOKED, DAY)
    assert caught.value.diagnostics[0].code == "VP101"


def test_a_full_disk_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "noah.yaml"
    path.write_text(PLAIN, "utf-8")

    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(EnvironmentFault, match="No space left"):
        set_day(tmp_path, "noah.yaml", REVOKED, DAY)
    assert path.read_text("utf-8") == PLAIN
    assert [p.name for p in tmp_path.iterdir()] == ["noah.yaml"]
