"""The verbs check, explain, graph, ids and walk, as a shell runs them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from cli.main import run

SCRIPT = dedent(
    """\
    speakers:
      noah: {name: {en: Noah, zh: 诺亚}}
    variables:
      met: {type: bool}
    ---
    scene: bridge
    title: The bridge
    nodes:
      open:
        - line: bridge_0010
          who: noah
          text: {en: "[aside] Hello [/sigh]", zh: 你好}
        - choice:
            - {text: {en: Greet, zh: 问好}, goto: open, set: met = true, when: not met}
            - {text: {en: Leave, zh: 离开}, goto: END}
    """
)
VOICE = dedent(
    """\
    engine: scratch
    consent:
      id: house
      kind: synthetic
      who: Formant synthesis; no person's voice is imitated
      scope: ["*"]
      languages: ["*"]
      from: 2026-01-01
    """
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, "voicepipe.yaml", "bank: demo\nsource_language: en\nlanguages: [en, zh]\n")
    write(tmp_path, "scripts_in/bridge.yaml", SCRIPT)
    write(tmp_path, "voices/noah.yaml", VOICE)
    return tmp_path


def write(root: Path, name: str, content: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")


def verb(root: Path, *arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(root), *arguments])
    return int(ended.value.code or 0)


def test_check_says_how_much_there_is_and_that_all_is_well(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb(project, "check") == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "1 scene\n" in err
    assert "en: 1 lines, 3 words" in err
    assert "note[VP209]" in err


def test_check_answers_errors_with_exit_code_1(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, "scripts_in/bridge.yaml", SCRIPT.replace("goto: END", "goto: nowhere"))
    assert verb(project, "check") == 1
    assert "scripts_in/bridge.yaml:15:45: error[VP201]" in capsys.readouterr().err


def test_check_quiet_shows_errors_only(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(project, "-q", "check") == 0
    assert capsys.readouterr().err == ""


def test_check_json_is_one_document(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert verb(project, "check", "--json") == 0
    document = json.loads(capfd.readouterr().out)
    assert document["schema"] == 1
    assert document["languages"]["zh"]["words"] == 2
    assert [d["code"] for d in document["diagnostics"]] == ["VP209"]


def test_check_release_holds_to_more(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "scripts_in/bridge.yaml", SCRIPT.replace(", zh: 你好", ""))
    assert verb(project, "check") == 0
    assert "warning[VP244]" in capsys.readouterr().err
    assert verb(project, "check", "--release") == 1
    assert "error[VP244]" in capsys.readouterr().err


def test_check_writes_sarif(project: Path) -> None:
    log = project / "log.sarif"
    assert verb(project, "check", "--sarif", str(log)) == 0
    (result,) = json.loads(log.read_text("utf-8"))["runs"][0]["results"]
    assert result["ruleId"] == "VP209"
    assert verb(project, "check", "--sarif", str(project / "no" / "log.sarif")) == 4


def test_check_shows_a_limited_number_of_diagnostics_unless_asked(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = "".join(f"  n{n}:\n    - goto: END\n" for n in range(230))
    write(project, "scripts_in/many.yaml", f"scene: bridge2\nnodes:\n  a:\n    - goto: b\n{nodes}")
    write(project, "scripts_in/start.yaml", "start: bridge2\n")
    assert verb(project, "check") == 1
    shown = capsys.readouterr().err
    assert "… and 225 more VP202 like it; --verbose shows them all" in shown
    assert shown.count("warning[VP202]") == 5
    assert shown.index("error[VP201]") < shown.index("warning[")
    verb(project, "-v", "check")
    assert "more; --verbose" not in capsys.readouterr().err


def test_explain_prints_the_long_form(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert verb(project, "explain", "vp201") == 0
    assert capfd.readouterr().out.startswith("VP201 (error): a goto leads nowhere\n")
    assert verb(project, "explain", "--list") == 0
    assert "VP250  error" in capfd.readouterr().out
    assert verb(project, "explain", "VP201", "--json") == 0
    assert json.loads(capfd.readouterr().out)["codes"][0]["severity"] == "error"


def test_explain_of_no_code_is_a_usage_error(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb(project, "explain", "VP2001") == 2
    assert "did you mean" in capsys.readouterr().err
    assert verb(project, "explain") == 2


def test_graph_draws_svg_and_mermaid(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(project, "graph") == 0
    assert capsys.readouterr().out.startswith("flowchart TD\n")
    picture, text = project / "story.svg", project / "story.mmd"
    assert verb(project, "graph", "--svg", str(picture), "--mermaid", str(text)) == 0
    assert capsys.readouterr().out == ""
    assert "“Greet”" in picture.read_text("utf-8")
    assert text.read_text("utf-8").startswith("flowchart TD\n")
    assert verb(project, "graph", "--svg", "-", "--scene", "bridge") == 0
    assert capsys.readouterr().out.startswith("<svg ")


def test_graph_of_an_unknown_scene_is_a_usage_error(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb(project, "graph", "--scene", "brigde") == 2
    assert 'did you mean "bridge"?' in capsys.readouterr().err
    assert verb(project, "graph", "--svg", str(project / "no" / "a.svg")) == 4


def test_ids_are_proposed_and_written(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert verb(project, "ids") == 0
    assert "every line has an id" in capfd.readouterr().err
    path = project / "scripts_in" / "bridge.yaml"
    before = SCRIPT.replace("- line: bridge_0010\n      who", "- who")
    path.write_bytes(before.replace("\n", "\r\n").encode())
    assert verb(project, "ids", "--dry-run") == 0
    assert capfd.readouterr().out == "scripts_in/bridge.yaml:10:7  bridge_0010\n"
    assert path.read_bytes() == before.replace("\n", "\r\n").encode()
    assert verb(project, "ids", "--write", "--json") == 0
    document = json.loads(capfd.readouterr().out)
    assert document["proposals"][0]["id"] == "bridge_0010"
    assert document["files"][0]["written"]
    assert path.read_bytes() == SCRIPT.replace("\n", "\r\n").encode()


def test_ids_are_not_proposed_for_scripts_that_can_only_be_read_in_part(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = SCRIPT.replace("- line: bridge_0010\n      who: noah", "- who: No ah")
    write(project, "scripts_in/bridge.yaml", broken)
    assert verb(project, "ids", "--write") == 1
    assert "VP124" in capsys.readouterr().err
    assert (project / "scripts_in/bridge.yaml").read_text("utf-8") == broken
    assert verb(project, "ids", "--write", "--dry-run") == 2


def test_ids_that_do_not_fit_are_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = "scene: s\nnodes:\n  a:\n    - ? who\n      : noah\n      text: {en: Hi}\n"
    write(project, "scripts_in/odd.yaml", odd)
    code = verb(project, "ids", "--write")
    after = (project / "scripts_in/odd.yaml").read_text("utf-8")
    assert (code == 1 and after == odd) or (code == 0 and "line: s_0010" in after)
    assert "scripts_in/odd.yaml: " in capsys.readouterr().err


def test_unusable_settings_stop_the_script_verbs(project: Path) -> None:
    write(project, "voicepipe.yaml", "bank: [\n")
    for name in ("graph", "ids", "walk", "check"):
        assert verb(project, name) == 1


def test_walk_shows_script_text_as_it_is(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verb(project, "walk", "--choose", "1, 1", "--vars") == 0
    assert capsys.readouterr().out == dedent(
        """\

        — bridge.open
        Noah: [aside] Hello [/sigh]
          1. Greet
          2. Leave
        > 1
        [met = true]

        — bridge.open
        Noah: [aside] Hello [/sigh]
          1. Leave
        > 1

        — the end
        """
    )


def test_walk_in_another_language_by_chance_is_the_same_every_time(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("walk", "--random", "--seed", "4", "--lang", "zh", "--scene", "bridge")
    assert verb(project, *arguments) == 0
    first = capsys.readouterr().out
    assert "诺亚: 你好" in first
    assert verb(project, *arguments) == 0
    assert capsys.readouterr().out == first


def test_walk_asks_until_an_answer_fits(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("what\n7\n2\n"))
    assert verb(project, "walk") == 0
    out, err = capsys.readouterr()
    assert err.count("choose from 1 to 2, or q to leave") == 2
    assert out.endswith("— the end\n")
    monkeypatch.setattr(sys, "stdin", io.StringIO("q\n"))
    assert verb(project, "walk") == 0
    assert capsys.readouterr().out.endswith("— left by the player\n")


@pytest.mark.parametrize(
    "arguments",
    [("--choose", "x"), ("--choose", "1", "--random"), ("--lang", "fr"), ("--scene", "no")],
)
def test_walk_refuses_what_it_cannot_do(project: Path, arguments: tuple[str, ...]) -> None:
    assert verb(project, "walk", *arguments) == 2


def test_the_script_verbs_start_without_torch_and_pandas(project: Path) -> None:
    code = (
        "import sys\n"
        "from cli.main import run\n"
        "for verb in (['check'], ['graph'], ['ids'], ['walk', '--choose', '2']):\n"
        "    try:\n"
        f"        run(['-C', {str(project)!r}, *verb])\n"
        "    except SystemExit as ended:\n"
        "        assert not ended.code, verb\n"
        "assert not {'torch', 'pandas'} & set(sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
