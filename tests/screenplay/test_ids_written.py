from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from voicepipe.documents.source import decode_source
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.values import ScriptLanguages
from voicepipe.screenplay.ids import files
from voicepipe.screenplay.ids.files import write_ids
from voicepipe.screenplay.ids.insertion import only_ids_were_added
from voicepipe.screenplay.ids.numbering import propose_ids
from voicepipe.screenplay.syntax import Language

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = ScriptLanguages(source=Language("en"), known=(Language("en"), Language("zh")))


def written(root: Path, content: str | bytes, *, name: str = "scripts_in/a.yaml") -> bytes:
    """Write missing ids into one script and give back its bytes."""
    path = root / name
    path.parent.mkdir(exist_ok=True)
    before = content.encode() if isinstance(content, str) else content
    path.write_bytes(before)
    source, problems = decode_source(name, before)
    assert source is not None, problems
    screenplay, problems = parse_scripts([source], LANGUAGES)
    assert problems == ()
    (result,) = write_ids(root, propose_ids(screenplay), LANGUAGES)
    assert result.problem == ""
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    return path.read_bytes()


SCENE = dedent(
    """\
    # the opening
    scene: bridge
    nodes:
      open:
        - who: noah     # the ship
          text: "Hello"   # and more
        - line: bridge_0020
          who: noah
          text: Again
        -   text: {en: Wide}
            who: noah
        - {who: noah, text: {en: Flow}}
        - { who: noah, text: Spaced }
        - line:
          who: noah
          text: Null
        - line:     # later
          who: noah
          text: Later
        -
          who: noah
          text: Below
        - choice:
            - text: Yes
              goto: END
            - text: No
              who: noah
              goto: END
    barks:
      alert:
        - who: noah
          text: Look out
    """
)
WITH_IDS = dedent(
    """\
    # the opening
    scene: bridge
    nodes:
      open:
        - line: bridge_0010
          who: noah     # the ship
          text: "Hello"   # and more
        - line: bridge_0020
          who: noah
          text: Again
        -   line: bridge_0030
            text: {en: Wide}
            who: noah
        - {line: bridge_0040, who: noah, text: {en: Flow}}
        - { line: bridge_0050, who: noah, text: Spaced }
        - line: bridge_0060
          who: noah
          text: Null
        - line: bridge_0070     # later
          who: noah
          text: Later
        -
          line: bridge_0080
          who: noah
          text: Below
        - choice:
            - text: Yes
              goto: END
            - line: bridge_0090
              text: No
              who: noah
              goto: END
    barks:
      alert:
        - line: bridge_0100
          who: noah
          text: Look out
    """
)


def test_ids_are_put_in_and_nothing_else_changes(tmp_path: Path) -> None:
    assert written(tmp_path, SCENE).decode() == WITH_IDS


def test_line_ends_and_the_byte_order_mark_stay(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + SCENE.replace("\n", "\r\n").encode()
    after = written(tmp_path, content)
    assert after == b"\xef\xbb\xbf" + WITH_IDS.replace("\n", "\r\n").encode()


def test_a_last_line_without_an_end_stays_so(tmp_path: Path) -> None:
    after = written(tmp_path, "scene: s\nnodes: {a: [{who: noah, text: Hi}]}")
    assert after == b"scene: s\nnodes: {a: [{line: s_0010, who: noah, text: Hi}]}"


def test_permissions_stay(tmp_path: Path) -> None:
    written(tmp_path, SCENE)
    path = tmp_path / "scripts_in" / "a.yaml"
    path.chmod(0o640)
    written(tmp_path, SCENE)
    assert path.stat().st_mode & 0o777 == 0o640


CSV = "kind,scene,node,line,who,text:en\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CSV + "line,s,open,,noah,Hi\n", CSV + "line,s,open,s_0010,noah,Hi\n"),
        (CSV + 'line,s,open,"",noah,Hi\n', CSV + 'line,s,open,"s_0010",noah,Hi\n'),
        (
            'kind;scene;node;who;text:en;line\r\nline;s;open;noah;"Two\r\nlines; yes"\r\n',
            'kind;scene;node;who;text:en;line\r\nline;s;open;noah;"Two\r\nlines; yes";s_0010\r\n',
        ),
        (
            "scene,node,who,text:en\ns,open,noah,Hi\n,,noah\n,,noah,Bye",
            "scene,node,who,text:en,line\ns,open,noah,Hi,s_0010\n,,noah,,s_0020\n,,noah,Bye,s_0030",
        ),
        (
            'scene\tnode\twho\ttext:en\tline\ns\topen\tnoah\t"a ""b"""\t\n',
            'scene\tnode\twho\ttext:en\tline\ns\topen\tnoah\t"a ""b"""\ts_0010\n',
        ),
    ],
)
def test_ids_go_into_csv_cells(tmp_path: Path, before: str, after: str) -> None:
    assert written(tmp_path, before, name="scripts_in/a.csv").decode() == after


def test_a_file_that_has_changed_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(SCENE)
    source, _ = decode_source("a.yaml", SCENE.encode())
    assert source is not None
    screenplay, _ = parse_scripts([source], LANGUAGES)

    def edited_meanwhile(*arguments: object) -> bool:
        path.write_text(SCENE + "# my edit\n")
        return only_ids_were_added(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "only_ids_were_added", edited_meanwhile)
    (result,) = write_ids(tmp_path, propose_ids(screenplay), LANGUAGES)
    assert "has changed meanwhile" in result.problem
    assert path.read_text() == SCENE + "# my edit\n"


def test_a_file_in_which_the_ids_do_not_fit_is_left_alone(tmp_path: Path) -> None:
    before = "scene: s\nnodes:\n  a:\n    - ? who\n      : noah\n      text: Hi\n"
    path = tmp_path / "a.yaml"
    path.write_text(before)
    source, _ = decode_source("a.yaml", (before + "    - who: noah\n      text: Ho\n").encode())
    assert source is not None
    screenplay, problems = parse_scripts([source], LANGUAGES)
    assert problems == ()
    (result,) = write_ids(tmp_path, propose_ids(screenplay)[1:], LANGUAGES)
    assert "do not fit" in result.problem or "changed meanwhile" in result.problem
    assert path.read_text() == before


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    source, _ = decode_source("a.yaml", SCENE.encode())
    assert source is not None
    screenplay, _ = parse_scripts([source], LANGUAGES)
    (result,) = write_ids(tmp_path, propose_ids(screenplay), LANGUAGES)
    assert result.problem
    assert list(tmp_path.iterdir()) == []
